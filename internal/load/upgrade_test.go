//go:build linux

package load

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// chat is a server whose WebSockets live at /chat?room=1, for who knows the
// token and speaks the subprotocol.
func chat(accept http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/chat", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer token":
			http.Error(w, "who \x1b[31mare you?", http.StatusUnauthorized)
		case r.URL.Query().Get("room") != "1":
			http.Error(w, "no such room", http.StatusNotFound)
		case !strings.Contains(r.Header.Get("Sec-WebSocket-Protocol"), "chat.v2"):
			http.Error(w, "speak chat.v2", http.StatusBadRequest)
		default:
			accept(w, r)
		}
	})
	mux.Handle("/old", http.RedirectHandler("/chat", http.StatusMovedPermanently))
	return mux
}

// withRequest is a load of WebSockets that ask for the upgrade so.
func withRequest(cfg Config, r proto.Request) Config {
	cfg.Protocol, cfg.WSPath = proto.WebSocket, r.Path
	cfg.WSProtocols, cfg.Headers = workload.List(strings.Join(r.Protocols, "\n")), workload.List(strings.Join(r.Headers, "\n"))
	return cfg
}

func TestUpgradeAtAPath(t *testing.T) {
	addr := serveHTTP(t, chat, &websocket.AcceptOptions{Subprotocols: []string{"chat.v2"}})
	good := proto.Request{Path: "/chat?room=1", Protocols: []string{"chat.v3", "chat.v2"}, Headers: []string{"Authorization: Bearer token"}}
	cfg := quick(8, addr)
	cfg = withRequest(cfg, good)
	faultless(t, cfg)
	for name, tt := range map[string]struct {
		asks proto.Request
		said string
	}{
		"another path": {proto.Request{}, `HTTP/1.1 404 Not Found: "404 page not found\n"`},
		"no token":     {proto.Request{Path: good.Path, Protocols: good.Protocols}, `HTTP/1.1 401 Unauthorized: "who \x1b[31mare you?\n"`},
		"no protocol":  {proto.Request{Path: good.Path, Headers: good.Headers}, `HTTP/1.1 400 Bad Request: "speak chat.v2\n"`},
		"moved":        {proto.Request{Path: "/old"}, `HTTP/1.1 301 Moved Permanently, a redirect to "/chat"`},
	} {
		r := run(t, withRequest(cfg, tt.asks), Alone{}, nil)
		f := r.Faults[result.ErrorUpgrade]
		if r.Errors[result.ErrorUpgrade] != 8 || f.Connections != 8 || !strings.HasPrefix(f.Detail, tt.said) {
			t.Errorf("%s: errors %v, said %s; want %s", name, r.Errors, f.Detail, tt.said)
		}
	}
}

// A server that upgrades and chooses none of the subprotocols speaks another.
func TestSubprotocolIsVerified(t *testing.T) {
	cfg := quick(2, serveWebSocket(t))
	cfg = withRequest(cfg, proto.Request{Protocols: []string{"chat.v2"}})
	r := run(t, cfg, Alone{}, nil)
	if f := r.Faults[result.ErrorUpgrade]; r.Errors[result.ErrorUpgrade] != 2 || !strings.Contains(f.Detail, "selects none of the requested subprotocols") {
		t.Errorf("errors %v, faults %+v", r.Errors, r.Faults)
	}
}
