// A client of Go's net/http for tests: reads pages, one after the other, and posts where it is given a body.
//
//	go-client CA-FILE POST-BODY URL...
//
// It prints, for each URL, the status, the issuer and the names of the certificate, and the body; or why it got none.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	authority, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		panic("no certificate in " + os.Args[1])
	}
	client := &http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2: true,
	}}
	for _, url := range os.Args[3:] {
		fmt.Println(read(client, url, os.Args[2]))
	}
}

func read(client *http.Client, url string, text string) string {
	answer, err := ask(client, url, text)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	shown := answer.TLS.PeerCertificates[0]
	return fmt.Sprint(answer.StatusCode, " ", shown.Issuer, " ", shown.DNSNames, "\n", string(body))
}

func ask(client *http.Client, url string, text string) (*http.Response, error) {
	if text == "" {
		return client.Get(url)
	}
	return client.Post(url, "text/plain", strings.NewReader(text))
}
