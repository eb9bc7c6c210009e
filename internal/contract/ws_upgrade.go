//go:build linux

package contract

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// upgrades is the theme of the opening handshake of RFC 6455.
func upgrades() []Clause {
	return []Clause{
		{
			ID: "upgrade.accept", Title: "a request to upgrade gets the right answer", Protocols: onlyWebSocket, run: upgradeAccept,
			Why: "The answer is 101 with the headers Upgrade, Connection and Sec-WebSocket-Accept, which is computed from the key, so that a cache cannot have answered ([4.2.2](" + rfc + "4.2.2)); no extension and no subprotocol that was not asked for ([4.1](" + rfc + "4.1)). Names of headers have any case, Connection may list more, and the request may come byte by byte.",
		},
		{
			ID: "upgrade.refuse", Title: "a request that is wrong is not upgraded", Protocols: onlyWebSocket, run: upgradeRefuse,
			Why: "A request without a key, of another version or method is answered with an HTTP error, or the connection is closed ([4.2.1](" + rfc + "4.2.1), [4.4](" + rfc + "4.4)). Otherwise any HTTP client, such as a form in a browser, can send what looks like frames ([10.1](" + rfc + "10.1)).",
		},
		{
			ID: "upgrade.limit", Title: "an endless request header is cut off", Protocols: onlyWebSocket, run: upgradeLimit,
			Why: "A request whose header goes on for 64 MiB must be answered or cut off before that; a server that keeps it all can be filled by a few clients ([10.4](" + rfc + "10.4), [CWE-770](https://cwe.mitre.org/data/definitions/770.html)).",
		},
		{
			ID: "ws.mask", Title: "clients' frames have masks, servers' have none", Protocols: onlyWebSocket, run: mask,
			Why: "A server fails a connection on which a frame without a mask comes, and sends none with one ([5.1](" + rfc + "5.1)): masks protect proxies against scripts ([10.3](" + rfc + "10.3)), and a client must fail on a masked frame.",
		},
	}
}

func upgradeAccept(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	const sample = "dGhlIHNhbXBsZSBub25jZQ==" // of RFC 6455, 1.3
	for _, try := range []struct {
		did, key string
		change   func(string) string
		chop     int
	}{
		{"a request to upgrade was sent", sample, nil, 0},
		{"a request to upgrade with a random key was sent", newKey(), nil, 0},
		{"a request to upgrade was sent byte by byte", newKey(), nil, 1},
		{"a request to upgrade with names of headers in lower case was sent", newKey(), lowerNames, 0},
		{"a request to upgrade with Connection: keep-alive, Upgrade was sent", newKey(), func(r string) string {
			return strings.Replace(r, "Connection: Upgrade", "Connection: keep-alive, Upgrade", 1)
		}, 0},
		{"a request to upgrade with Upgrade: WebSocket was sent", newKey(), func(r string) string {
			return strings.Replace(r, "Upgrade: websocket", "Upgrade: WebSocket", 1)
		}, 0},
	} {
		c, err := s.accepted()
		if err != nil {
			return err
		}
		if err := c.ask(try.key, try.change, try.chop); err != nil {
			return found(try.did, "101 with the right answer, and messages back", err)
		}
	}
	return nil
}

// lowerNames is a request whose headers' names are in lower case.
func lowerNames(request string) string {
	lines := strings.Split(request, "\r\n")
	for i, line := range lines {
		if name, value, is := strings.Cut(line, ": "); is {
			lines[i] = strings.ToLower(name) + ": " + value
		}
	}
	return strings.Join(lines, "\r\n")
}

// ask upgrades, judges the answer, and exchanges a message.
func (c *client) ask(key string, change func(string) string, chop int) error {
	text := request(c.host(), key)
	if change != nil {
		text = change(text)
	}
	if chop == 0 {
		chop = len(text)
	}
	for len(text) > 0 {
		n := min(chop, len(text))
		if err := c.write([]byte(text[:n])); err != nil {
			return err
		}
		text = text[n:]
	}
	answer, err := c.upgraded()
	if err != nil {
		return err
	}
	header := answer.Header
	switch {
	case header.Get("Sec-WebSocket-Accept") != acceptOf(key):
		return fmt.Errorf("the header Sec-WebSocket-Accept is %q and not %q", header.Get("Sec-WebSocket-Accept"), acceptOf(key))
	case !strings.EqualFold(header.Get("Upgrade"), "websocket"):
		return fmt.Errorf("the header Upgrade is %q", header.Get("Upgrade"))
	case !strings.Contains(strings.ToLower(strings.Join(header.Values("Connection"), ",")), "upgrade"):
		return fmt.Errorf("the header Connection is %q", header.Get("Connection"))
	case header.Get("Sec-WebSocket-Extensions") != "":
		return fmt.Errorf("the extensions %q were chosen", header.Get("Sec-WebSocket-Extensions"))
	case header.Get("Sec-WebSocket-Protocol") != "":
		return fmt.Errorf("the subprotocol %q was chosen", header.Get("Sec-WebSocket-Protocol"))
	}
	return c.trip()
}

func upgradeRefuse(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	without := func(name string) func(string) string {
		return func(request string) string {
			var kept []string
			for _, line := range strings.Split(request, "\r\n") {
				if !strings.HasPrefix(line, name+":") {
					kept = append(kept, line)
				}
			}
			return strings.Join(kept, "\r\n")
		}
	}
	replaced := func(old, new string) func(string) string {
		return func(request string) string { return strings.Replace(request, old, new, 1) }
	}
	stays, err := s.ready()
	if err != nil {
		return err
	}
	var findings Findings
	for _, try := range []struct {
		what   string
		change func(string) string
	}{
		{"without Sec-WebSocket-Key", without("Sec-WebSocket-Key")},
		{"without Sec-WebSocket-Version", without("Sec-WebSocket-Version")},
		{"without Upgrade", without("Upgrade")},
		{"without Connection", without("Connection")},
		{"of version 8", replaced("Version: 13", "Version: 8")},
		{"by POST", replaced("GET /", "POST /")},
		{"that is not HTTP", func(string) string { return "hello\r\n\r\n" }},
	} {
		c, err := s.accepted()
		if err != nil {
			return err
		}
		did := fmt.Sprintf("a request to upgrade %s was sent", try.what)
		const want = "an HTTP error, or the end of the connection"
		if err := c.write([]byte(try.change(request(c.host(), newKey())))); err != nil {
			continue // it was not even read to its end
		}
		answer, err := c.answer()
		switch {
		case err == nil && answer.StatusCode == http.StatusSwitchingProtocols:
			findings = append(findings, Finding{Did: did, Want: want, Got: "it was granted"})
		case err != nil && !ended(err) && !errors.Is(err, errNoHTTP):
			findings = append(findings, Finding{Did: did, Want: want, Got: err.Error()})
		}
	}
	if len(findings) > 0 {
		return findings
	}
	if err := stays.trip(); err != nil {
		return found("wrong requests to upgrade were sent", "another client served", err)
	}
	return nil
}

func upgradeLimit(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	stays, err := s.ready()
	if err != nil {
		return err
	}
	c, err := s.accepted()
	if err != nil {
		return err
	}
	const most = 64 << 20
	text := request(c.host(), newKey())
	if err := c.write([]byte(strings.TrimSuffix(text, "\r\n") + "X-Long: ")); err != nil {
		return found("a client sent a request to upgrade", "it to be taken", err)
	}
	line := []byte(strings.Repeat("c", chunkSize))
	n := 0
	write := func() error {
		for n < most && c.write(line) == nil {
			n += len(line)
		}
		return nil
	}
	did := fmt.Sprintf("a request to upgrade whose header has a line of %d MiB was sent", most>>20)
	err = c.whileWriting(write, func() error {
		defer c.reset() // ends the writer
		_, err := c.answer()
		return err
	})
	if err != nil && !ended(err) && !errors.Is(err, errNoHTTP) {
		return found(did, "an answer or the end of the connection", fmt.Sprintf("the server took %d MiB, and %v", n>>20, err))
	}
	if err := stays.trip(); err != nil {
		return found(did, "another client served", err)
	}
	return nil
}

func mask(s *scene) error {
	if err := s.try([]wsCase{
		{did: "a text without a mask was sent", writes: joined(frame{fin: true, opcode: opText, payload: []byte("Hello"), plain: true}), fails: protocolError},
		{did: "a ping without a mask was sent", writes: joined(frame{fin: true, opcode: opPing, payload: []byte("Hello"), plain: true}), fails: protocolError},
	}); err != nil {
		return err
	}
	c, err := s.ready()
	if err != nil {
		return err
	}
	for _, f := range []frame{text("Hello"), ping("Hello"), closing(1000, "")} {
		if err := c.write(f.append(nil)); err != nil {
			return found(fmt.Sprintf("%v was sent", f), "it to be taken", err)
		}
		answer, err := c.frame()
		if err != nil {
			if f.opcode == opClose && ended(err) {
				continue // that a close frame is answered is another clause
			}
			return found(fmt.Sprintf("%v was sent", f), "an answer", err)
		}
		if answer.masked {
			return found(fmt.Sprintf("%v was sent", f), "an answer without a mask", fmt.Sprintf("%v came with one", answer))
		}
	}
	return nil
}
