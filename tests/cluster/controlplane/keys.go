package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// keys are the files and tokens of one control plane, made anew each time.
type keys struct {
	dir, caCert, caKey, serverCert, serverKey, accountKey, tokens string
	adminToken, managerToken                                      string
}

func makeKeys(dir string) (*keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	k := &keys{dir: dir}
	at := func(name string) string { return filepath.Join(dir, name) }
	k.caCert, k.caKey = at("ca.crt"), at("ca.key")
	k.serverCert, k.serverKey = at("server.crt"), at("server.key")
	k.accountKey, k.tokens = at("service-account.key"), at("tokens.csv")

	ca, caKey, err := writeCert(k.caCert, k.caKey, &x509.Certificate{
		Subject:               pkix.Name{CommonName: "box-ca"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}, nil, nil)
	if err != nil {
		return nil, err
	}
	_, _, err = writeCert(k.serverCert, k.serverKey, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, ca, caKey)
	if err != nil {
		return nil, err
	}
	if _, err := writeKey(k.accountKey); err != nil {
		return nil, err
	}

	k.adminToken, k.managerToken = rand.Text(), rand.Text()
	lines := fmt.Sprintf("%s,box-admin,box-admin,system:masters\n%s,system:kube-controller-manager,kcm\n",
		k.adminToken, k.managerToken)
	return k, os.WriteFile(k.tokens, []byte(lines), 0o600)
}

func writeKey(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	return key, os.WriteFile(file, block, 0o600)
}

// writeCert makes a certificate valid for a day, signed by parent or by itself.
func writeCert(certFile, keyFile string, cert, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := writeKey(keyFile)
	if err != nil {
		return nil, nil, err
	}
	serial := make([]byte, 8)
	_, _ = rand.Read(serial)
	cert.SerialNumber = new(big.Int).SetBytes(serial)
	cert.NotBefore = time.Now().Add(-time.Minute)
	cert.NotAfter = cert.NotBefore.Add(24 * time.Hour)
	if parent == nil {
		parent, parentKey = cert, key
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, nil, err
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return made, key, os.WriteFile(certFile, block, 0o600)
}

// writeKubeconfig embeds the certificate, so the file works on its own.
func (k *keys) writeKubeconfig(file, server, token string) error {
	ca, err := os.ReadFile(k.caCert)
	if err != nil {
		return err
	}
	cfg := api.NewConfig()
	cfg.Clusters["box"] = &api.Cluster{Server: server, CertificateAuthorityData: ca}
	cfg.AuthInfos["box"] = &api.AuthInfo{Token: token}
	cfg.Contexts["box"] = &api.Context{Cluster: "box", AuthInfo: "box"}
	cfg.CurrentContext = "box"
	return clientcmd.WriteToFile(*cfg, file)
}
