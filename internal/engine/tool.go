//go:build linux

package engine

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"c1m/internal/plain"
)

// tool is a command-line tool of the user, with its contexts and credentials.
type tool struct {
	name  string
	spawn *spawner
	dry   io.Writer // if not nil, commands are printed and not run

	mu      sync.Mutex
	removed []string // the names of removed objects
}

// find reports a tool that is not installed.
func (t *tool) find() error {
	if t.dry != nil {
		return nil
	}
	if _, err := exec.LookPath(t.name); err != nil {
		return fmt.Errorf("%s is not installed, or not on PATH: install it, or use -engine local", t.name)
	}
	return nil
}

// run runs a command and returns its output, without surrounding space.
func (t *tool) run(ctx context.Context, args ...string) (string, error) {
	return t.read(ctx, "", args)
}

// orderLimit is how long one order may take: while many containers start, and
// those already started connect, one takes seconds.
const orderLimit = 2 * time.Minute

// order is run for a command that creates something, with its standard input. Once
// started it continues when ctx ends: an interrupted order might be carried out
// after the removal.
func (t *tool) order(ctx context.Context, input string, args ...string) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	whole, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), orderLimit,
		fmt.Errorf("%s %s: not done within %v", t.name, args[0], orderLimit))
	defer cancel()
	return t.read(whole, input, args)
}

// read runs a command and returns its output, without surrounding space.
func (t *tool) read(ctx context.Context, input string, args []string) (string, error) {
	var out strings.Builder
	err := t.start(ctx, input, func(line string) { out.WriteString(line + "\n") }, nil, args)
	return strings.TrimSpace(out.String()), err
}

// stream runs a command and passes on each line of standard output and standard
// error as it is printed. It returns when the command ends.
func (t *tool) stream(ctx context.Context, line func(string), args ...string) error {
	return t.start(ctx, "", line, line, args)
}

// start runs a command until it or ctx ends. An error contains the last line of
// standard error.
func (t *tool) start(ctx context.Context, input string, line, errLine func(string), args []string) error {
	if t.dry != nil {
		t.print(input, args)
		return nil
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	last := &tail{width: 1000}
	p, err := startProcess(t.spawn, processSpec{
		path: t.name, args: args, stdin: input != "", line: line,
		errLine: func(text string) {
			last.add(text)
			if errLine != nil {
				errLine(text)
			}
		},
	})
	if err != nil {
		return err
	}
	if input != "" {
		_, _ = io.WriteString(p.stdin, input) // a command that does not read reports why it ended
		p.stdin.Close()
	}
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.terminate()
		return context.Cause(ctx)
	}
	if p.err == nil {
		return nil
	}
	what := t.name + " " + args[0]
	if text := last.String(); text != "" {
		return fmt.Errorf("%s: %s", what, text)
	}
	return fmt.Errorf("%s: %w", what, p.err)
}

// atOnce is how many commands run at the same time in each.
const atOnce = 4

// each calls f, which runs a command, for 0 to n-1, a few at a time, and returns
// the first error. After an error it starts no more.
func (t *tool) each(n int, f func(int) error) error {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		next  int
		first error
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= n && first == nil
	}
	workers := min(n, atOnce)
	if t.dry != nil { // printed in order
		workers = min(n, 1)
	}
	for range workers {
		group.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := f(i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return first
}

// removeListed removes the objects whose names a command lists, if there are any.
// In a dry run it prints one command for a shell.
func (t *tool) removeListed(ctx context.Context, list, remove []string) error {
	if t.dry != nil {
		fmt.Fprintf(t.dry, "%s $(%s)\n", t.command(remove), t.command(list))
		return nil
	}
	output, err := t.run(ctx, list...)
	names := strings.Fields(output)
	if err != nil || len(names) == 0 {
		return err
	}
	_, err = t.run(ctx, slices.Concat(remove, names)...)
	if err != nil && (strings.Contains(err.Error(), "No such") || strings.Contains(err.Error(), "already in progress")) {
		err = nil // another process removes it
	}
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.removed = append(t.removed, names...)
	}
	return err
}

// print prints a command in shell syntax, with its standard input.
func (t *tool) print(input string, args []string) {
	command := t.command(args)
	if input != "" {
		command += " <<'EOF'\n" + strings.TrimRight(input, "\n") + "\nEOF"
	}
	fmt.Fprintln(t.dry, command)
}

// command formats a command in shell syntax.
func (t *tool) command(args []string) string {
	words := []string{t.name}
	for _, arg := range args {
		words = append(words, plain.ShellWord(arg))
	}
	return strings.Join(words, " ")
}
