//go:build !linux

package cli

import (
	"fmt"
	"io"
	"runtime"
)

// Main reports that Linux is required, for epoll, eventfd and /proc.
func Main(name string, _ []string, _ io.Reader, _, stderr io.Writer) int {
	fmt.Fprintf(stderr, "%s: needs Linux, not %s; in Docker: docker run --rm -v \"$PWD\":/src -w /src golang:1.26 go run ./cmd/bench run\n", name, runtime.GOOS)
	return 2
}
