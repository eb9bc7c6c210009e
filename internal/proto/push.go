package proto

import "github.com/gobwas/ws"

// AppendMessage appends a binary message that nobody asked for. It may be sent
// on any connection that is Open, between any two replies.
func (w *WebSocket) AppendMessage(out, message []byte) []byte {
	return w.appendFrame(out, ws.OpBinary, message)
}
