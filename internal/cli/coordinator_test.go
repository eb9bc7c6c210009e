//go:build linux

package cli

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

// Over TCP a replica says hello first, and ends when the connection does, with
// the reason on both ways out.
func TestReplicaLosesItsCoordinator(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	hello := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		b := make([]byte, 1000)
		n, _ := conn.Read(b)
		hello <- string(b[:n])
		conn.Close()
	}()
	server, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and answers nothing
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Addr().String())
	t.Setenv("C1M_TOKEN", "secret")
	var out, errs bytes.Buffer
	got := run(t.Context(), "client", []string{
		"-conn", "2", "-port", port, "-format", "lines", "-run", "r", "-replica", "1/2", "-barrier", "tcp:" + listener.Addr().String(),
	}, streams{strings.NewReader(""), &out, &errs})
	if got != exitNoAnswer {
		t.Errorf("exit code %d", got)
	}
	if line := <-hello; !strings.HasPrefix(line, `c1m {"v":1,"run":"r","from":"replica-2","hello":{"pid":`) {
		t.Errorf("the first it says is %q", line)
	}
	want := "the harness is gone: the connection to " + listener.Addr().String() + " ended"
	if !strings.Contains(out.String(), `"failed":{"message":"`+want) || errs.String() != "client: "+want+"\n" {
		t.Errorf("it says %q and %q, want %s", &out, &errs, want)
	}
}
