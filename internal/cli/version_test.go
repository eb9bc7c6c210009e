//go:build linux

package cli

import (
	"testing"
	"testing/fstest"
)

func TestWorkTreeCommit(t *testing.T) {
	const hash = "0123456789abcdef0123456789abcdef01234567"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"branch":       {map[string]string{"go.mod": "module c1m\n", ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": hash + "\n"}, hash + "?"},
		"packed":       {map[string]string{"go.mod": "module c1m\n", ".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": "# pack-refs\n" + hash + " refs/heads/main\n"}, hash + "?"},
		"detached":     {map[string]string{"go.mod": "module c1m\n", ".git/HEAD": hash + "\n"}, hash + "?"},
		"no commit":    {map[string]string{"go.mod": "module c1m\n", ".git/HEAD": "ref: refs/heads/main\n"}, ""},
		"outside":      {map[string]string{"go.mod": "module c1m\n", ".git/HEAD": "ref: ../../secret\n"}, ""},
		"another tree": {map[string]string{"go.mod": "module other\n", ".git/HEAD": hash + "\n"}, ""},
		"no tree":      {nil, ""},
	} {
		root := fstest.MapFS{}
		for file, text := range test.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := workTreeCommit(root); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
