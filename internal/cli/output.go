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

// replaceFile writes data to a file of that name, all of it or nothing: it is
// written beside, and takes the name when it is on the disk, so that neither a
// full disk nor a crash destroys what the name held. A link stays, and what it
// leads to is replaced; permissions and owner stay those of the old file.
//
// What is no regular file (a pipe, a device) or belongs to a process
// (/dev/stdout) has no old content to lose, and is written to.
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
	case isLink(name): // one that leads nowhere yet: made by following it
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

// privately are the permissions of a new file: a run, and any report of it, holds
// the whole command line, in which there may be a password or a header of the
// user's. A file that was there keeps its own.
const privately = 0o600

// writeBeside makes a file with the permissions and the owner of old, or the
// owner's alone if there is none. It leaves nothing behind if it fails.
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
			_ = file.Chown(int(was.Uid), int(was.Gid)) // for those who may; the others' file is theirs
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

// appendTo writes to what is there, and cuts nothing.
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

// isStream says that a name stands for what a process has open.
func isStream(name string) bool {
	return strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/")
}

func isLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// cause is the system's word for why a file could not be had, without the name
// of it, which the caller has better.
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

// checkReport refuses a report that would replace a run file: what was measured
// could not be had again.
func checkReport(name string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || isStream(name) {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil // to write is another permission
	}
	defer file.Close()
	head := make([]byte, len(runFileHead))
	if n, _ := file.Read(head); bytes.Equal(head[:n], []byte(runFileHead)) {
		return usagef("-o %s: is a run file, which a report does not replace; choose another name", name)
	}
	return nil
}

// runFileHead is how a run file begins.
const runFileHead = `{"c1m":`
