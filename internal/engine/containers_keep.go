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
)

const (
	// dismissed is what the keeper of containers is told when there is nothing
	// left for it to do.
	dismissed = "dismissed"

	// abandonLimit bounds removing what a harness that died has left.
	abandonLimit = 5 * time.Minute

	// abandonSettle is how long nothing of a run has to come any more: an
	// order that was broken off with the harness may yet be carried out.
	abandonSettle = 5 * time.Second
)

// startKeeper starts the keeper of a run's containers, before there are any: a
// process that outlives the harness, and removes them should it be killed.
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

// dismissKeeper ends the keeper, if there is one: what remains has been told.
func (c *Containers) dismissKeeper() {
	if c.keeper == nil {
		return
	}
	_, _ = io.WriteString(c.keeper.stdin, dismissed+"\n") // one that was killed hears nothing
	c.keeper.stdin.Close()
	c.keeper.terminate()
}

// keepContainers waits for the harness's end. One that does not dismiss the
// keeper before has died, and what carries its run's label is removed, in
// silence: there is nobody to tell. A terminal's signals, and those for all
// processes of a session, do not break that off.
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

// removeAbandoned calls remove, which says how much it removed, until for the
// time settle there has been nothing, or ctx ends.
func removeAbandoned(ctx context.Context, settle time.Duration, remove func(context.Context) (int, error)) {
	for last := time.Now(); ctx.Err() == nil; {
		n, err := remove(ctx)
		switch {
		case n > 0 || err != nil:
			last = time.Now()
		case time.Since(last) >= settle:
			return
		}
		_ = pause(ctx, min(settle, time.Second))
	}
}
