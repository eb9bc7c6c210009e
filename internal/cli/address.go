//go:build linux

package cli

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"c1m/internal/engine"
	"c1m/internal/result"
)

// directory finds the addresses of names, and which of them is served. Both
// ends of a load must mean the same one: a server that is given a name listens
// at one of its addresses, and which of them is up to its resolver.
type directory struct {
	resolve func(ctx context.Context, network, name string) ([]netip.Addr, error)
	accepts func(ctx context.Context, at netip.AddrPort) bool
	limit   time.Duration // how long a server is waited for that is started after its clients
}

// network is the directory of the system.
func network() directory {
	return directory{resolve: net.DefaultResolver.LookupNetIP, accepts: accepts, limit: 2 * time.Second}
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

// all are the addresses of a word of a flag: itself, or all of a name's, each
// once, in the resolver's order.
func (d directory) all(ctx context.Context, flag, word string) ([]netip.Addr, error) {
	word = strings.TrimSpace(word)
	if word == "" {
		return nil, usagef("-%s: an empty address; want IPv4, IPv6 or a name", flag)
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
		return nil, noAnswerf("-%s %s: %w", flag, word, err)
	}
	var list []netip.Addr
	for _, ip := range ips {
		if ip = ip.Unmap(); !slices.Contains(list, ip) {
			list = append(list, ip)
		}
	}
	return list, nil
}

// served is the address of a word at which somebody accepts; the first where
// nobody does, for the error that follows. A word that has one address is not
// tried.
func (d directory) served(ctx context.Context, flag, word string, port uint16) (netip.Addr, error) {
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

// targets are the served addresses of the words of a flag.
func (d directory) targets(ctx context.Context, flag string, words []string, port uint16) ([]netip.Addr, error) {
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

// sources are the addresses of the words of a flag from which a target can be
// reached: of a name's, the first of the target's family.
func (d directory) sources(ctx context.Context, flag string, words []string, target netip.Addr) ([]netip.Addr, error) {
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

// pinnable says whether names of targets mean to replicas what they mean here.
// Elsewhere each replica looks them up.
func pinnable(ctx context.Context, cfg runConfig, cells []result.Cell) bool {
	if cfg.header.Engine == engineLocal {
		return true
	}
	targets := slices.ContainsFunc(cells, func(c result.Cell) bool { return c.Kind == result.KindTarget })
	return targets && engine.SharesHost(ctx, cfg.header.Engine, cfg.containers.network)
}

// pin looks the names of targets up, once for all rounds and replicas. A cell
// whose target is an address stays as it is.
func (d directory) pin(ctx context.Context, cells []result.Cell) error {
	known := make(map[string]string)
	for i, cell := range cells {
		if cell.Kind != result.KindTarget {
			continue
		}
		at, is := known[cell.Command]
		if !is {
			host, port, err := net.SplitHostPort(cell.Command)
			if err != nil {
				return usagef("-target %s: %w", cell.Row, err)
			}
			number, err := strconv.ParseUint(port, 10, 16)
			if err != nil {
				return usagef("-target %s: port %q: want 1 to 65535", cell.Row, port)
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
