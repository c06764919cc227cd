module box/later

go 1.26.0
