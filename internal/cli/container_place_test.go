//go:build linux

package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"c1m/internal/engine/enginetest"
	"c1m/internal/result"
)

// A server in a container says what the container may use.
func TestPlaceInAContainer(t *testing.T) {
	image := enginetest.Image(t)
	name := fmt.Sprintf("c1m-place-%d", os.Getpid())
	enginetest.Docker(t, "run", "--detach", "--name", name, "--network", "host", "--cpus", "0.5", "--memory", "256m",
		image, "server", "-mode", "prefork", "-addr", "127.0.0.1:0", "-format", "lines", "-interval", "0")
	t.Cleanup(func() { enginetest.Docker(t, "rm", "--force", name) })
	for limit := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var lines result.Lines
		var place *result.Place
		concurrency := 0
		text := enginetest.Docker(t, "logs", name)
		for line := range strings.Lines(text) {
			said, ours, err := lines.Scan(line)
			switch {
			case err != nil:
				t.Fatal(err)
			case ours && said.Use != nil && said.Use.Place != nil:
				place = said.Use.Place
			case ours && said.Ready != nil:
				concurrency = said.Ready.Concurrency
			}
		}
		if place != nil && concurrency > 0 {
			if place.Quota != 0.5 || place.Memory != 256<<20 || concurrency != 1 {
				t.Errorf("%+v, %d processes; want 0.5 CPUs, 256 MiB, 1 process", place, concurrency)
			}
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("the server has not said its place: %s", text)
		}
	}
}
