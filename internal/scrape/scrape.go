// Package scrape reads the live metrics of a server of this program that somebody else has
// started, over HTTP. It does not decide when samples are taken, nor what they mean.
package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Sample is what a server says that it has used, and how many connections it has had.
type Sample struct {
	// From is when the request was sent, To when the answer arrived, by the clock of this
	// process. The server's values were read in between.
	From, To time.Time

	// Uptime is the time since the server started, by its own clock, at which CPU was read.
	Uptime time.Duration

	Processes int
	CPU       time.Duration // user and system, since it started
	Switches  *int64        // context switches since it started; nil if unknown
	Memory    int64         // resident, in bytes
	Kernel    *int64        // of its machine's kernel, in bytes; nil if unknown

	Accepted, Open int64 // connections
}

// usedShare is the share of a load's connections that a server may have had before it,
// such as that which a name's lookup makes: they leave next to nothing.
const usedShare = 0.01

// Unused reports whether the server has had no load yet that matters beside one of so many
// connections. A server keeps memory after its connections have closed.
func (s Sample) Unused(conns int) bool { return float64(s.Accepted) <= usedShare*float64(conns) }

// How long an answer may take.
const (
	limit        = 5 * time.Second
	settledLimit = time.Minute // after a garbage collection
)

// mostBytes is the size of an answer that is read, of which a server's takes 5 KiB.
const mostBytes = 1 << 20

// ForeignError is the error for an address that answers, but not with the metrics of a
// server of this program.
type ForeignError struct{ Why string }

func (e *ForeignError) Error() string { return e.Why }

// foreign returns a ForeignError of at most 200 bytes, since its text may quote an answer.
func foreign(format string, args ...any) error {
	const most = 200
	why := fmt.Sprintf(format, args...)
	if len(why) > most {
		why = strings.ToValidUTF8(why[:most], "") + "…"
	}
	return &ForeignError{why}
}

// Target is the metrics of one server.
type Target struct {
	url    string
	client *http.Client
}

// New returns the metrics at a HOST:PORT. No proxy is used, and the connection is kept, so
// that later samples do not wait for one.
func New(addr string) *Target {
	return &Target{
		url: "http://" + addr + "/metrics",
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true, MaxResponseHeaderBytes: 16 << 10},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Close closes the connection.
func (t *Target) Close() { t.client.CloseIdleConnections() }

// Read takes a sample. The error is a ForeignError if something else answers.
func (t *Target) Read(ctx context.Context) (Sample, error) { return t.get(ctx, t.url, limit) }

// ReadSettled makes the server free the memory that it does not need, such as what earlier
// samples have left, up to 2 MB, and then takes a sample. It disturbs a server under load.
func (t *Target) ReadSettled(ctx context.Context) (Sample, error) {
	return t.get(ctx, t.url+"?settled", settledLimit) // exposition.Settled
}

func (t *Target) get(ctx context.Context, url string, limit time.Duration) (Sample, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v", limit))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Sample{}, plainly(err)
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	from := time.Now()
	answer, err := t.client.Do(request)
	to := time.Now()
	if err != nil {
		return Sample{}, reason(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return Sample{}, foreign("it answers %s", answer.Status)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostBytes))
	if err != nil {
		return Sample{}, reason(ctx, err)
	}
	s, err := parse(text)
	s.From, s.To = from, to
	return s, err
}

// reason returns why there is no answer.
func reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err = plainly(err)
	var network *net.OpError
	var name *net.DNSError
	if errors.As(err, &network) || errors.As(err, &name) {
		return err
	}
	return foreign("it does not speak HTTP: %v", err)
}

// plainly returns an error without the address, which whoever asked knows.
func plainly(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
