//go:build linux

package engine

import (
	"os"
	"path/filepath"
	"testing"
)

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
