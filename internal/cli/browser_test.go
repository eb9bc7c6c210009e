//go:build linux

package cli

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"c1m/servers"
)

//go:embed testdata/websocket.js
var inPage string

// browser starts a browser without a window, which ends with the test; nil: there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// In a browser a page talks to every mode: text and binary from nothing to
// 1 MiB, and closes started by either side.
func TestBrowserTalksToEveryMode(t *testing.T) {
	ctx := browser(t)
	if ctx == nil {
		t.Skip("NOT TESTED IN A BROWSER: chromium is not installed (Debian: apt-get install chromium)")
	}
	// A page of this machine's: others may not connect to it.
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<!doctype html>") }))
	defer page.Close()
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	talk := func(t *testing.T, args ...string) {
		addr := listening(t, args...)
		expression := fmt.Sprintf("(%s)(%q)", inPage, "ws://"+addr+"/")
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
		if err != nil || said != "done" {
			t.Errorf("the page says %q, %v", said, err)
		}
	}
	for _, mode := range servers.Modes() {
		for _, variant := range mode.Variants {
			t.Run(mode.Row(variant), func(t *testing.T) { talk(t, "-mode="+mode.Name+":"+variant) })
		}
	}
	t.Run("over net/http", func(t *testing.T) { talk(t, "-mode=goroutine:pair", "-upgrade=http") })
}

// listening starts a server of WebSockets for the test's time, and returns
// its address.
func listening(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("server", append(args, "-proto=ws", "-addr=127.0.0.1:0", "-interval=0")...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	text := bufio.NewReader(stderr)
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		var rest strings.Builder
		text.WriteTo(&rest)
		if err := cmd.Wait(); err != nil || strings.Contains(rest.String(), "DATA RACE") {
			t.Errorf("the server ended with %v: %s", err, &rest)
		}
		// The page sent one message that is too big.
		if !strings.Contains(rest.String(), " 1 errors") {
			t.Errorf("the server's last words: %s; want 1 error", &rest)
		}
	})
	line, err := text.ReadString('\n')
	at := regexp.MustCompile(`listening on ([0-9.:]+);`).FindStringSubmatch(line)
	if err != nil || at == nil {
		t.Fatalf("the server says %q, %v", line, err)
	}
	return at[1]
}
