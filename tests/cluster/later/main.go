// Command later is a reverse proxy before an API server that says it is later
// than it is: every answer carries the Date it was told. Whoever counts ages
// from the API server's clock, as kubectl-arc does, sees a deletion of a few
// seconds as one of minutes. Nothing else of an answer is changed.
//
// It lives as long as its standard input is open and its parent runs. When it
// listens it prints one line of JSON on standard output.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// cluster is what the first line of standard input says, in JSON: a token does
// not belong on a command line that everybody can read.
type cluster struct {
	Server    string `json:"server"`
	Authority string `json:"authority"` // PEM
	Token     string `json:"token"`
}

func main() {
	at := flag.String("at", "", "what every answer says the time is, as in 2026-11-21T05:00:00Z")
	flag.Parse()
	if err := run(*at); err != nil {
		fmt.Fprintln(os.Stderr, "later:", err)
		os.Exit(1)
	}
}

func run(at string) error {
	date, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return fmt.Errorf("--at: %w", err)
	}
	input := json.NewDecoder(os.Stdin)
	var to cluster
	if err := input.Decode(&to); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	proxy, err := proxyTo(to, date)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go exitWithParent(io.MultiReader(input.Buffered(), os.Stdin))
	err = json.NewEncoder(os.Stdout).Encode(map[string]string{"url": "http://" + listener.Addr().String()})
	if err != nil {
		return err
	}
	return http.Serve(listener, proxy)
}

// proxyTo passes everything on, with the cluster's credentials: clients give
// none to a server without TLS. Logs come as they are written.
func proxyTo(to cluster, date time.Time) (http.Handler, error) {
	server, err := url.Parse(to.Server)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM([]byte(to.Authority)) {
		return nil, fmt.Errorf("no certificate in the authority")
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(server)
			r.Out.Header.Set("Authorization", "Bearer "+to.Token)
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Date", date.UTC().Format(http.TimeFormat))
			return nil
		},
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}, ForceAttemptHTTP2: true},
		FlushInterval: -1,
	}, nil
}

// exitWithParent ends the process when standard input closes or the parent is gone.
func exitWithParent(input io.Reader) {
	parent := os.Getppid()
	go func() {
		for range time.Tick(time.Second) {
			if os.Getppid() != parent {
				os.Exit(0)
			}
		}
	}()
	_, _ = io.Copy(io.Discard, input)
	os.Exit(0)
}
