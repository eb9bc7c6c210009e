//go:build linux

package host

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// groupAvailable returns how much memory, in bytes, the control groups of a
// process leave it: the least of all its groups up to the root. Without a
// limit it is the largest number there is.
func groupAvailable(root string, self procfs.Proc) int64 {
	least := int64(math.MaxInt64)
	groups, err := self.Cgroups()
	if err != nil {
		return least
	}
	for _, group := range groups {
		mount, files := filepath.Join(root, "sys/fs/cgroup"), version2()
		if group.HierarchyID != 0 {
			if !slices.Contains(group.Controllers, "memory") {
				continue
			}
			mount, files = filepath.Join(mount, "memory"), version1()
		}
		// A container may see its own group as the root, under a path that
		// is not there: going up finds it.
		for path := filepath.Clean("/" + group.Path); ; path = filepath.Dir(path) {
			least = min(least, files.available(filepath.Join(mount, path)))
			if path == "/" {
				break
			}
		}
	}
	return least
}

// groupFiles name where one version of control groups keeps its numbers.
type groupFiles struct{ max, used, cache string }

func version1() groupFiles {
	return groupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
}

func version2() groupFiles {
	return groupFiles{"memory.max", "memory.current", "inactive_file"}
}

// available is a group's limit less its use, in bytes; pages of files that
// were not read lately are free for the asking.
func (g groupFiles) available(dir string) int64 {
	top, ok := readNumber(filepath.Join(dir, g.max))
	if !ok { // not there, or "max"
		return math.MaxInt64
	}
	used, ok := readNumber(filepath.Join(dir, g.used))
	if !ok {
		return math.MaxInt64
	}
	text, _ := os.ReadFile(filepath.Join(dir, "memory.stat"))
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == g.cache {
			cache, _ := strconv.ParseInt(words[1], 10, 64)
			used -= min(cache, used)
		}
	}
	return max(0, top-used)
}

func readNumber(name string) (int64, bool) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
