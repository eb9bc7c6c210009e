//go:build linux

package usage

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKernel(t *testing.T) {
	page := int64(os.Getpagesize())
	const memory = "MemTotal: 1000 kB\nSlab:   100 kB\nPageTables:  7 kB\n"
	const v4 = "sockets: used 31\nTCP: inuse 1 orphan 0 tw 2 alloc 1 mem 131\nUDP: inuse 0 mem 3\nFRAG: inuse 0 memory 99\n"
	const v6 = "TCP6: inuse 5\nUDP6: inuse 0\nFRAG6: inuse 0 memory 0\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64 // -1: an error
	}{
		{"both families", map[string]string{"meminfo": memory, "net/sockstat": v4, "net/sockstat6": v6}, 107<<10 + 134*page},
		{"no IPv6", map[string]string{"meminfo": memory, "net/sockstat": v4}, 107<<10 + 134*page},
		{"IPv6 of its own", map[string]string{"meminfo": memory, "net/sockstat": v4, "net/sockstat6": "TCP6: inuse 5 mem 6\n"}, 107<<10 + 140*page},
		{"stacks of threads", map[string]string{"meminfo": memory + "KernelStack:   16 kB\n", "net/sockstat": v4}, 123<<10 + 134*page},
		{"no slab", map[string]string{"meminfo": "MemTotal: 1000 kB\n", "net/sockstat": v4}, -1},
		{"damaged", map[string]string{"meminfo": memory, "net/sockstat": "TCP: inuse one\n"}, -1},
		{"nothing", nil, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range c.files {
				name = filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := kernel(root)
			if c.want < 0 {
				if err == nil {
					t.Errorf("got %d, want an error", got)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %d, %v, want %d", got, err, c.want)
			}
		})
	}
}

func TestKernelHere(t *testing.T) {
	got, err := Kernel()
	if err != nil || got < 1<<20 {
		t.Errorf("Kernel = %d, %v, want at least a megabyte", got, err)
	}
}

func BenchmarkTree(b *testing.B) {
	for b.Loop() {
		if len(Tree(os.Getpid())) == 0 {
			b.Fatal("not found")
		}
	}
}
