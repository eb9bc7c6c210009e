// Package peer is what the servers of this module share: their command line,
// the signal that ends them, their exit codes, and serving with package net and
// net/http. It depends on none of the libraries.
package peer

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// MaxMessage is the longest WebSocket message, in bytes, that a library with a
// limit is told to accept: the longest that Autobahn's test suite sends.
const MaxMessage = 16 << 20

// Grace is how long a library's own shutdown may take.
const Grace = 5 * time.Second

// Protocols are what a server speaks, by the name that -proto gives it. Each
// serves at an address until the context is done, then shuts down and returns
// nil; it returns an error if it cannot go on.
type Protocols map[string]func(ctx context.Context, addr string) error

// Main runs a server by its command line, ADDR [-proto NAME] and the flags that
// its caller has defined, until SIGTERM or an interrupt. It ends the process:
// 0 after a signal, 1 if the server cannot go on, 2 for wrong usage.
func Main(protocols Protocols) {
	os.Exit(run(protocols, os.Args))
}

func run(protocols Protocols, args []string) int {
	name := filepath.Base(args[0])
	known := slices.Sorted(maps.Keys(protocols))
	proto := flag.String("proto", known[0], "the protocol: "+strings.Join(known, " or "))
	usage := func(problem string) int {
		fmt.Fprintf(os.Stderr, "%s: %s; usage: %[1]s ADDR [-proto %[3]s]\n", name, problem, strings.Join(known, "|"))
		return 2
	}
	if len(args) < 2 || strings.HasPrefix(args[1], "-") {
		return usage("the first argument must be an address, such as 127.0.0.1:9000")
	}
	flag.CommandLine.Init(name, flag.ExitOnError) // 2 for a wrong flag, 0 for -help
	flag.CommandLine.Parse(args[2:])
	if flag.NArg() > 0 {
		return usage("unexpected argument " + flag.Arg(0))
	}
	serve, ok := protocols[*proto]
	if !ok {
		return usage("-proto " + *proto + " is not served")
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	err := serve(ctx, args[1])
	if err != nil && (ctx.Err() == nil || !errors.Is(err, ctx.Err())) {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}
