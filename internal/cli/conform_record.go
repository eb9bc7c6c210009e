//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"c1m/internal/conform"
	"c1m/internal/plain"
	"c1m/internal/proto"
	"c1m/internal/result"
)

// conformFolder is where results of bench conform are kept inside a folder of run files.
const conformFolder = "conform"

// identify returns what the server of a cell is known by in records; false for a mode.
func (r *peerRows) identify(ctx context.Context, cell result.Cell) (conform.Server, bool, error) {
	switch cell.Kind {
	case result.KindTarget:
		return conform.Server{Address: cell.Command}, true, nil
	case result.KindExec:
		p, is := r.of(cell)
		if !is {
			return conform.Server{Command: cell.Command}, true, nil
		}
		key, err := r.set.Key(ctx, p)
		if err != nil {
			return conform.Server{}, false, noAnswerf("-peers %s: %w", p.Name, err)
		}
		return conform.Server{Peer: p.Name, Library: p.Library, Version: r.set.Version(ctx, p), Key: key}, true, nil
	}
	return conform.Server{}, false, nil
}

// identifyAll returns the servers of cells by their rows, without modes.
func (r *peerRows) identifyAll(ctx context.Context, cells []result.Cell) (map[string]conform.Server, error) {
	servers := make(map[string]conform.Server)
	for _, cell := range cells {
		if _, known := servers[cell.Row]; known {
			continue
		}
		server, is, err := r.identify(ctx, cell)
		if err != nil {
			return nil, err
		}
		if is {
			servers[cell.Row] = server
		}
	}
	return servers, nil
}

// keepConformance keeps what was found of servers, by row, in the usual folder of run files.
func keepConformance(reports []conform.Report, servers map[string]conform.Server, now time.Time) error {
	dir := filepath.Join(runsFolder, conformFolder)
	for _, report := range reports {
		for _, row := range report.Rows {
			server, is := servers[row.Name]
			if !is || len(row.Results) == 0 {
				continue
			}
			if err := os.MkdirAll(dir, 0o777); err != nil {
				return err
			}
			if err := addRecord(dir, server, report, row, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// addRecord adds what was found of a server to its record. A record that cannot be read is
// replaced.
func addRecord(dir string, server conform.Server, report conform.Report, row conform.Row, now time.Time) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close() // and with it the lock
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", dir, err)
	}
	record, err := readRecord(dir, server, report.Protocol)
	if err != nil {
		record = conform.NewRecord(server, report.Protocol)
	}
	if record.Add(row.Results, now); len(record.Outcomes) == 0 {
		return nil
	}
	text, err := record.Text()
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, server.File(report.Protocol)), text)
}

// readRecord reads the record of a server.
func readRecord(dir string, server conform.Server, p proto.Protocol) (conform.Record, error) {
	file, err := os.Open(filepath.Join(dir, server.File(p)))
	if err != nil {
		return conform.Record{}, err
	}
	defer file.Close()
	return conform.ReadRecord(file, server, p)
}

// conformance is what bench conform found of the rows that are not modes, for the header of
// a run: in the folder of the run file or the usual one, whichever is newer. What cannot be
// read counts as not checked, and is named on w.
func (cfg runConfig) conformance(ctx context.Context, cells []result.Cell, w io.Writer) ([]result.Conformance, error) {
	servers, err := cfg.peers.identifyAll(ctx, cells)
	if err != nil {
		return nil, err
	}
	dirs := []string{runsFolder}
	if cfg.out != "" {
		dirs = append(dirs, filepath.Dir(cfg.out))
	}
	var list []result.Conformance
	for _, cell := range cells {
		server, is := servers[cell.Row]
		if !is || slices.ContainsFunc(list, func(c result.Conformance) bool { return c.Row == cell.Row && c.Protocol == cell.Protocol }) {
			continue
		}
		newest := conform.NewRecord(server, cell.Protocol).Conformance(cell.Row)
		for _, dir := range dirs {
			record, err := readRecord(filepath.Join(dir, conformFolder), server, cell.Protocol)
			switch {
			case err == nil:
				if c := record.Conformance(cell.Row); c.Checked.After(newest.Checked) {
					newest = c
				}
			case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
				name := filepath.Join(dir, conformFolder, server.File(cell.Protocol))
				fmt.Fprintf(w, "bench run: %s: ignored: %s; fix: run bench conform again\n", name, plain.Line(cause(err).Error()))
			}
		}
		list = append(list, newest)
	}
	return list, nil
}
