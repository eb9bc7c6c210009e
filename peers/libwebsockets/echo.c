/*
 * Echoes WebSocket messages with libwebsockets on libuv's event loop: one loop,
 * one thread. A message is collected, then returned in one frame; the next one
 * is not read before it is written.
 *
 *   cc -O2 -o libwebsockets echo.c -lwebsockets
 *   ./libwebsockets 127.0.0.1:9000
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MAX_MESSAGE (16 << 20)
#define MAX_FILES (1 << 20)

/* What a connection has: a message, after LWS_PRE bytes that the library asks for. */
struct session {
	unsigned char *message;
	size_t length, room;
	int binary, complete;
};

static struct lws_context *context;
static volatile sig_atomic_t ended;

static int collect(struct lws *wsi, struct session *s, const void *data, size_t n)
{
	if (s->length + n > MAX_MESSAGE) {
		lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
		return -1;
	}
	if (s->length + n > s->room) { /* grows with what came, not with what is announced */
		size_t room = 2 * s->room > s->length + n ? 2 * s->room : s->length + n;
		unsigned char *grown = realloc(s->message, LWS_PRE + room);

		if (!grown)
			return -1;
		s->message = grown;
		s->room = room;
	}
	if (n)
		memcpy(s->message + LWS_PRE + s->length, data, n);
	if (lws_is_first_fragment(wsi))
		s->binary = lws_frame_is_binary(wsi);
	s->length += n;
	if (!lws_is_final_fragment(wsi))
		return 0;
	s->complete = 1;
	lws_rx_flow_control(wsi, 0);
	return lws_callback_on_writable(wsi) < 0 ? -1 : 0;
}

static int reply(struct lws *wsi, struct session *s)
{
	unsigned char empty[LWS_PRE + 1];

	if (!s->complete)
		return 0;
	if (lws_write(wsi, (s->message ? s->message : empty) + LWS_PRE, s->length, s->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < (int)s->length)
		return -1;
	free(s->message);
	memset(s, 0, sizeof *s);
	lws_rx_flow_control(wsi, 1);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
	struct session *s = user;

	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		return collect(wsi, s, in, n);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return reply(wsi, s);
	case LWS_CALLBACK_CLOSED:
		free(s->message);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, n);
	}
}

static void on_signal(void *handle, int number)
{
	(void)handle, (void)number;
	ended = 1;
	lws_context_destroy(context);
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ .name = "echo", .callback = on_event, .per_session_data_size = sizeof(struct session), .rx_buffer_size = 4096 },
		{ 0 },
	};
	struct lws_context_creation_info info = { .protocols = protocols, .gid = -1, .uid = -1 };
	struct rlimit files;
	char *colon = argc == 2 ? strrchr(argv[1], ':') : NULL;

	if (!colon) {
		fputs("usage: libwebsockets ADDR, such as 127.0.0.1:9000\n", stderr);
		return 2;
	}
	if (!getrlimit(RLIMIT_NOFILE, &files)) { /* the library allocates for as many */
		files.rlim_cur = files.rlim_max < MAX_FILES ? files.rlim_max : MAX_FILES;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	*colon = 0;
	info.iface = *argv[1] ? argv[1] : NULL;
	info.port = atoi(colon + 1);
	info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_IPV6 | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
	info.signal_cb = on_signal;
	lws_set_log_level(LLL_ERR, NULL);
	context = lws_create_context(&info);
	if (!context) {
		fputs("libwebsockets: cannot listen\n", stderr);
		return 1;
	}
	while (!ended && lws_service(context, 0) >= 0)
		;
	return ended ? 0 : 1;
}
