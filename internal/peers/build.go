//go:build linux

package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Program is a peer's program, which may have to be built.
type Program struct {
	Path  string // empty if there is nothing to build
	Built bool   // it is in the cache
}

// Program returns where a peer's program is, or will be after Build.
func (s *Set) Program(ctx context.Context, p Peer) (Program, error) {
	if len(p.Build) == 0 {
		return Program{Built: true}, nil
	}
	key, err := s.Key(ctx, p)
	if err != nil {
		return Program{}, err
	}
	path := filepath.Join(s.cache, key, p.Name)
	info, err := os.Stat(path)
	return Program{Path: path, Built: err == nil && info.Mode().IsRegular()}, nil
}

// buildLimit is how long building a program may take, with the download of its modules.
const buildLimit = 10 * time.Minute

// kept is how long a program that is no longer used stays in the cache.
const kept = 30 * 24 * time.Hour

// Build builds the program of a peer, unless the cache has it. now is the time at which it
// is used. An error is a *BuildError if the compiler refuses.
func (s *Set) Build(ctx context.Context, p Peer, now time.Time) error {
	program, err := s.Program(ctx, p)
	if err != nil {
		return err
	}
	dir := filepath.Dir(program.Path)
	if program.Built {
		if program.Path != "" {
			_ = os.Chtimes(dir, now, now) // another's cache: it ages, and is built again
		}
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	// Beside it and then renamed, so that what is in the cache is complete.
	beside, err := os.MkdirTemp(dir, ".build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	bin := filepath.Join(beside, p.Name)
	args := make([]string, len(p.Build))
	for i, arg := range p.Build {
		args[i] = strings.ReplaceAll(arg, "{bin}", bin)
	}
	limited, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	cmd := s.command(limited, args)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		err = fmt.Errorf("not finished after %v", buildLimit)
	case err == nil:
		_, err = os.Stat(bin)
	}
	if err != nil {
		return &BuildError{Command: s.In(p.Build), Err: err, Output: out.String()}
	}
	if err := os.Rename(bin, program.Path); err != nil {
		return err
	}
	_ = os.RemoveAll(beside) // before the time of the directory is set
	_ = os.Chtimes(dir, now, now)
	s.trim(now)
	return nil
}

// BuildError is why a program could not be built.
type BuildError struct {
	Command string // for a shell
	Err     error
	Output  string
}

func (e *BuildError) Error() string { return fmt.Sprintf("%s: %v", e.Command, e.Err) }
func (e *BuildError) Unwrap() error { return e.Err }

// trim removes what has not been used for long. Whatever cannot be removed stays.
func (s *Set) trim(now time.Time) {
	entries, err := os.ReadDir(s.cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && now.Sub(info.ModTime()) > kept {
			_ = os.RemoveAll(filepath.Join(s.cache, e.Name()))
		}
	}
}

// Cache returns the directory of programs that are built, inside the user's.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("no cache directory for programs that are built; set XDG_CACHE_HOME or HOME")
	}
	return filepath.Join(dir, "c1m", "peers"), nil
}
