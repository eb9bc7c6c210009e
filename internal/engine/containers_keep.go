//go:build linux

package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"c1m/internal/wait"
)

const (
	// dismissed is the word that ends the keeper of containers when it is no
	// longer needed.
	dismissed = "dismissed"

	// abandonLimit is the time limit for removing what a killed harness left.
	abandonLimit = 5 * time.Minute

	// abandonSettle is how long no new object of a run may appear before the
	// keeper stops: an order that was interrupted with the harness may still be
	// carried out.
	abandonSettle = 5 * time.Second
)

// startKeeper starts the keeper of a run's containers, before there are any: a
// process that outlives the harness, and removes them if it is killed.
func (c *Containers) startKeeper(platform string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the program's own path: %w", err)
	}
	order, err := json.Marshal(keepOrder{Platform: platform, Run: c.cfg.Run})
	if err != nil {
		return err
	}
	c.keeper, err = startProcess(c.spawn, processSpec{
		path: program, name: KeeperName, args: []string{KeepCommand}, stdin: true, outlives: true,
	})
	if err == nil {
		_, err = fmt.Fprintf(c.keeper.stdin, "%s\n", order)
	}
	if err != nil {
		return fmt.Errorf("the keeper: %w", err)
	}
	return nil
}

// dismissKeeper ends the keeper, if there is one. What remains has been reported.
func (c *Containers) dismissKeeper() {
	if c.keeper == nil {
		return
	}
	_, _ = io.WriteString(c.keeper.stdin, dismissed+"\n") // fails if the keeper was killed
	c.keeper.stdin.Close()
	c.keeper.terminate()
}

// keepContainers waits for the end of the harness. If the harness died without
// dismissing the keeper, it removes everything with the run's label, silently. Signals
// from the terminal or to the whole session do not interrupt the removal.
func keepContainers(order keepOrder, words *bufio.Reader) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	if word, err := words.ReadString('\n'); err == nil && word == dismissed+"\n" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), abandonLimit)
	defer cancel()
	removeAbandoned(ctx, abandonSettle, func(ctx context.Context) (int, error) {
		ctx, cancel := context.WithTimeout(ctx, removeLimit)
		defer cancel()
		names, err := Clean(ctx, order.Platform, order.Run, nil)
		return len(names), err
	})
}

// removeAbandoned calls remove, which returns the number of removed objects, until
// there were none for the time settle, or ctx ends.
func removeAbandoned(ctx context.Context, settle time.Duration, remove func(context.Context) (int, error)) {
	for last := time.Now(); ctx.Err() == nil; {
		n, err := remove(ctx)
		switch {
		case n > 0 || err != nil:
			last = time.Now()
		case time.Since(last) >= settle:
			return
		}
		_ = wait.For(ctx, min(settle, time.Second))
	}
}
