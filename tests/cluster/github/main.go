// Command github stands in for GitHub's Actions service, as far as the Actions
// Runner Controller talks to it: tokens, runner scale sets, just-in-time
// runners, message sessions. It keeps state, and can be told to refuse.
//
// It lives as long as its standard input is open and its parent runs. When it
// listens it prints one line of JSON on standard output.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 takes a free one")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		fmt.Fprintln(os.Stderr, "github:", err)
		os.Exit(1)
	}
	url := "http://" + listener.Addr().String()
	go exitWithParent()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"url": url})
	fmt.Fprintln(os.Stderr, "github:", http.Serve(listener, newService(url)))
	os.Exit(1)
}

// exitWithParent ends the process when standard input closes or the parent is gone.
func exitWithParent() {
	parent := os.Getppid()
	go func() {
		for range time.Tick(time.Second) {
			if os.Getppid() != parent {
				os.Exit(0)
			}
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
