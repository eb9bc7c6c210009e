//go:build linux

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// replaceFile writes data to a file atomically: it writes a temporary file beside it, syncs it,
// and renames it, so that neither a full disk nor a crash destroys the old content. If name is
// a link, its target is replaced. Permissions and owner of the old file are kept.
//
// A file that is not regular (a pipe, a device) or belongs to a process (/dev/stdout) has no
// old content and is written directly.
func replaceFile(name string, data []byte) error {
	old, err := os.Stat(name)
	switch {
	case err == nil && (!old.Mode().IsRegular() || isStream(name)):
		return appendTo(name, data)
	case err == nil:
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case isLink(name): // a broken link: create its target
		return appendTo(name, data)
	}
	beside := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%.200s.%08x", filepath.Base(name), rand.Uint32()))
	if err := writeBeside(beside, data, old); err != nil {
		return err
	}
	if err := os.Rename(beside, name); err != nil {
		os.Remove(beside)
		return err
	}
	return nil
}

// privately is the permissions of a new file: runs and reports contain the command line,
// which may have a password or a header. An existing file keeps its own.
const privately = 0o600

// writeBeside creates a file with the permissions and the owner of old, or private if there is
// none. If it fails, it leaves no file.
func writeBeside(name string, data []byte, old fs.FileInfo) (err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privately)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
		if err != nil {
			os.Remove(name)
		}
	}()
	if old != nil {
		if was, is := old.Sys().(*syscall.Stat_t); is {
			_ = file.Chown(int(was.Uid), int(was.Gid)) // requires privileges; otherwise the file has our owner
		}
		if err := file.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err := file.Write(data); err != nil {
		return err
	}
	return file.Sync()
}

// appendTo appends to a file.
func appendTo(name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, privately)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if e := file.Close(); err == nil {
		err = e
	}
	return err
}

// isStream reports whether a name stands for an open file of a process.
func isStream(name string) bool {
	return strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/")
}

func isLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// cause returns the reason of an error about a file, without the file's name, which the caller
// adds.
func cause(err error) error {
	var (
		path *fs.PathError
		link *os.LinkError
	)
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// checkReport refuses to replace a run file by a report, because the measurement would be
// lost.
func checkReport(name string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || isStream(name) {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil // not readable, but perhaps writable
	}
	defer file.Close()
	head := make([]byte, len(runFileHead))
	if n, _ := file.Read(head); bytes.Equal(head[:n], []byte(runFileHead)) {
		return usagef("-o %s: is a run file, which a report does not replace; choose another name", name)
	}
	return nil
}

// runFileHead is the start of a run file.
const runFileHead = `{"c1m":`
