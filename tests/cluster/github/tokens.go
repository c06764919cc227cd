package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// token gives out a registration or installation token for any credentials.
func (s *service) token(r *http.Request, scheme string) answer {
	if len(r.Header.Get("Authorization")) <= len(scheme) {
		return answer{http.StatusUnauthorized, map[string]string{"message": "Bad credentials"}}
	}
	return answer{http.StatusCreated, map[string]any{"token": rand.Text(), "expires_at": time.Now().Add(time.Hour).UTC()}}
}

// register tells where the Actions service of an organisation is and gives an
// admin token for it: a JWT, of which only the expiry is ever read.
func (s *service) register(r *http.Request) answer {
	var in struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return answer{http.StatusUnprocessableEntity, map[string]string{"message": err.Error()}}
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "RemoteAuth ") {
		return answer{http.StatusUnauthorized, map[string]string{"message": "Bad credentials"}}
	}
	scope := strings.Trim(in.URL, "/")
	if _, after, ok := strings.Cut(scope, "://"); ok {
		_, scope, _ = strings.Cut(after, "/")
	}
	return answer{http.StatusOK, map[string]string{
		"url":   s.url + "/tenant/" + strings.ReplaceAll(scope, "/", "!") + "/",
		"token": jwt(time.Now().Add(time.Hour)),
	}}
}

func jwt(expires time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		encode(fmt.Appendf(nil, `{"exp":%d}`, expires.Unix()))
	mac := hmac.New(sha256.New, []byte("box"))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}
