//go:build linux

package engine

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// pipe is a named pipe in a directory, by which a script and a test wait for
// each other. It is open both ways, so that neither waits for that.
func pipe(t *testing.T, dir, name string) *os.File {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// scripted is a platform whose tool is a shell script, for as long as the test.
func scripted(t *testing.T, name, network, script string) platform {
	t.Helper()
	p, tool := newPlatform(name, ContainerConfig{Run: "r", Network: network})
	t.Cleanup(tool.spawn.close)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, tool.name), []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return p
}
