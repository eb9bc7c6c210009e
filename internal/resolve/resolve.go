//go:build linux

// Package resolve turns names of hosts in flags, such as that of -target, into IP addresses:
// of several, one at which a server accepts connections. It must not depend on commands and
// their exit codes.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"c1m/internal/result"
)

// Directory resolves names to the address where a server listens: a server that is given a
// name listens at only one of its addresses, which its resolver chooses.
type Directory struct {
	resolve func(ctx context.Context, network, name string) ([]netip.Addr, error)
	accepts func(ctx context.Context, at netip.AddrPort) bool
	limit   time.Duration // how long to wait for a server that starts after its clients
}

// UnknownError is the error for a name in a flag that has no address.
type UnknownError struct {
	Flag, Name string
	Err        error
}

func (e *UnknownError) Error() string { return fmt.Sprintf("-%s %s: %v", e.Flag, e.Name, e.Err) }
func (e *UnknownError) Unwrap() error { return e.Err }

// Network returns the system's Directory.
func Network() Directory {
	return Directory{resolve: net.DefaultResolver.LookupNetIP, accepts: accepts, limit: 2 * time.Second}
}

func accepts(ctx context.Context, at netip.AddrPort) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", at.String())
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// all returns the address in a word of a flag, or all addresses of a name, each once, in the
// resolver's order.
func (d Directory) all(ctx context.Context, flag, word string) ([]netip.Addr, error) {
	word = strings.TrimSpace(word)
	if word == "" {
		return nil, fmt.Errorf("-%s: an empty address; want IPv4, IPv6 or a name", flag)
	}
	if ip, err := netip.ParseAddr(strings.Trim(word, "[]")); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ips, err := d.resolve(ctx, "ip", word)
	if err == nil && len(ips) == 0 {
		err = errors.New("no address")
	}
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) {
			err = errors.New(dns.Err)
		}
		return nil, &UnknownError{flag, word, err}
	}
	var list []netip.Addr
	for _, ip := range ips {
		if ip = ip.Unmap(); !slices.Contains(list, ip) {
			list = append(list, ip)
		}
	}
	return list, nil
}

// served returns the address of a word that accepts connections; if none does, the first,
// for a later error. A single address is not tried.
func (d Directory) served(ctx context.Context, flag, word string, port uint16) (netip.Addr, error) {
	list, err := d.all(ctx, flag, word)
	if err != nil || len(list) == 1 {
		return slices.Concat(list, []netip.Addr{{}})[0], err
	}
	end := time.NewTimer(d.limit)
	defer end.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		for _, ip := range list {
			if d.accepts(ctx, netip.AddrPortFrom(ip, port)) {
				return ip, nil
			}
		}
		select {
		case <-again.C:
		case <-end.C:
			return list[0], nil
		case <-ctx.Done():
			return list[0], nil
		}
	}
}

// Targets returns the served addresses of the words of a flag.
func (d Directory) Targets(ctx context.Context, flag string, words []string, port uint16) ([]netip.Addr, error) {
	var list []netip.Addr
	for _, word := range words {
		ip, err := d.served(ctx, flag, word, port)
		if err != nil {
			return nil, err
		}
		list = append(list, ip)
	}
	return list, nil
}

// Sources returns an address for each word of a flag: for a name, the first in the target's
// address family.
func (d Directory) Sources(ctx context.Context, flag string, words []string, target netip.Addr) ([]netip.Addr, error) {
	var list []netip.Addr
	for _, word := range words {
		all, err := d.all(ctx, flag, word)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(ip netip.Addr) bool { return ip.Is4() == target.Is4() })
		list = append(list, all[max(i, 0)])
	}
	return list, nil
}

// Pin resolves the names of targets, once for all rounds and replicas. Cells whose target is
// an address are unchanged.
func (d Directory) Pin(ctx context.Context, cells []result.Cell) error {
	known := make(map[string]string)
	for i, cell := range cells {
		if cell.Kind != result.KindTarget {
			continue
		}
		at, is := known[cell.Command]
		if !is {
			host, port, err := net.SplitHostPort(cell.Command)
			if err != nil {
				return fmt.Errorf("-target %s: %w", cell.Row, err)
			}
			number, err := strconv.ParseUint(port, 10, 16)
			if err != nil {
				return fmt.Errorf("-target %s: port %q: want 1 to 65535", cell.Row, port)
			}
			if _, err := netip.ParseAddr(host); err != nil {
				ip, err := d.served(ctx, "target "+cell.Row, host, uint16(number))
				if err != nil {
					return err
				}
				at = netip.AddrPortFrom(ip, uint16(number)).String()
			}
			known[cell.Command] = at
		}
		cells[i].Address = at
	}
	return nil
}
