async (url) => {
	const connect = () => new Promise((open, fail) => {
		const ws = new WebSocket(url);
		ws.binaryType = "arraybuffer";
		ws.queue = [];
		ws.onmessage = (e) => ws.take ? ws.take(e.data) : ws.queue.push(e.data);
		ws.closed = new Promise((ended) => { ws.onclose = ended; });
		ws.next = () => new Promise((take, none) => {
			if (ws.queue.length > 0) return take(ws.queue.shift());
			ws.take = (data) => { ws.take = null; take(data); };
			ws.closed.then((e) => none(new Error("closed with " + e.code)));
		});
		ws.onopen = () => open(ws);
		ws.onerror = () => fail(new Error("not connected"));
	});
	const want = (what, got, wanted) => {
		if (got !== wanted) throw new Error(what + ": " + got + ", want " + wanted);
	};

	let ws = await connect();
	want("subprotocol", ws.protocol, "");
	want("extensions", ws.extensions, "");
	for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
		const text = size < 10 ? "x".repeat(size) : "aé€😀" + "x".repeat(size - 10);
		ws.send(text);
		want("text of " + size, (await ws.next()) === text, true);
		const bytes = Uint8Array.from({ length: size }, (_, i) => i * 31 + (i >> 8));
		ws.send(bytes);
		const back = new Uint8Array(await ws.next());
		want("binary of " + size, back.length === size && back.every((b, i) => b === bytes[i]), true);
	}
	ws.close(4123, "bye");
	let e = await ws.closed;
	want("code of our close", e.code, 4123);
	want("our close is clean", e.wasClean, true);

	ws = await connect();
	ws.close();
	e = await ws.closed;
	want("code of a close without one", e.code, 1005);
	want("a close without a code is clean", e.wasClean, true);

	ws = await connect();
	ws.send(new Uint8Array(2 << 20));
	e = await ws.closed;
	want("code for a message of 2 MiB", e.code, 1009);
	return "done";
}
