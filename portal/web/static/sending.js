"use strict";
// Sends one file in pieces (tus 1.0) and asks for its deposit. Knows no page and no sentence: whoever uses it is told what happens.
//   new Sending(file, {collection, url, csrf, page, on, language})
//     collection, url   where uploads begin; where one goes on, or null
//     csrf, page        the form token, and a page that carries a fresh one after signing in again
//     language          a function: the code of the language that the file is in, asked when all arrived
//     on                {progress(sent, total), state(word), stopped(why, detail), done(address)}
//   state: arriving, retrying, sealing. why: signed-out, away (it can go on), refused (it cannot), odd.
// Nothing is kept in the browser: no name, no address, no fingerprint.
globalThis.Sending = class {
  static PIECE = 8 * 1024 * 1024;
  static WAITS = [0, 1000, 2000, 3000, 5000, 5000, 10000, 10000, 20000, 20000, 30000, 30000];
  static QUIET = 60000; // ms without a byte or an answer: the line is dead, whatever the browser thinks of it
  static NOTHING = { findAllUploads: async () => [], findUploadsByFingerprint: async () => [], removeUpload: async () => {}, addUpload: async () => null };

  constructor(file, { collection, url = null, csrf, page, on, language = () => "en" }) {
    Object.assign(this, { file, url, csrf, page, on, language, upload: null, over: false, arrived: false, quiet: 0 });
    this.collection = new URL(collection, location.href).href;
    if (url !== null) this.url = new URL(url, location.href).href;
  }

  // SHA-256 over name, size, time and both ends: enough to tell that a file chosen again is the one that was begun.
  static async fingerprint(file) {
    const edge = 65536;
    const words = `${file.name}\u0000${file.size}\u0000${file.lastModified}\u0000`;
    const content = await new Blob([words, file.slice(0, edge), file.slice(Math.max(0, file.size - edge))]).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async start(word = "arriving") {
    this.over = false;
    if (this.arrived) {
      await this.deposit();
      return;
    }
    this.on.state(word);
    const metadata = { filename: this.file.name, fingerprint: await Sending.fingerprint(this.file) };
    const upload = new tus.Upload(this.file, {
      endpoint: this.url === null ? this.collection : null, // null: an upload that cannot be asked after is never begun anew by itself
      uploadUrl: this.url,
      chunkSize: Sending.PIECE,
      retryDelays: Sending.WAITS,
      storeFingerprintForResuming: false,
      urlStorage: Sending.NOTHING,
      metadata,
      headers: { "X-CSRF-Token": this.csrf, Accept: "application/json" },
      onUploadUrlAvailable: () => {
        this.url = upload.url;
        upload.options.endpoint = null;
      },
      onProgress: (sent, total) => {
        this.watch();
        this.on.state("arriving");
        this.on.progress(sent, total);
      },
      onShouldRetry: (error) => {
        const again = this.passing(error);
        this.watch();
        if (again) this.on.state("retrying");
        return again;
      },
      onError: (error) => this.broke(error),
      onSuccess: () => {
        clearTimeout(this.quiet);
        this.arrived = true;
        this.deposit();
      },
    });
    if (this.over) return; // stopped while the fingerprint was computed
    this.upload = upload;
    this.watch();
    upload.start();
  }

  watch() {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.revive(), Sending.QUIET);
  }

  // A request that nobody answers is given up, and the portal is asked how much arrived.
  async revive() {
    if (this.over) return;
    await this.upload.abort();
    if (this.over) return;
    if (this.url === null) await this.failed(0, "", true);
    else await this.start("retrying");
  }

  // Stops sending; what arrived is kept.
  pause() {
    this.over = true;
    clearTimeout(this.quiet);
    return this.upload === null ? Promise.resolve() : this.upload.abort();
  }

  // Stops sending and discards what arrived. True if the portal confirmed it.
  async cancel() {
    await this.pause();
    if (this.url === null) return true;
    return Sending.discard(this.url, this.csrf);
  }

  static async discard(url, csrf) {
    try {
      const answer = await fetch(url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf } });
      return answer.ok || answer.status === 404 || answer.status === 410;
    } catch {
      return false;
    }
  }

  passing(error) {
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
    const cut = status === 422 && error.originalRequest.getMethod() === "PATCH"; // the portal saw the connection break
    return cut || [0, 409, 423, 460, 502, 503, 504].includes(status);
  }

  broke(error) {
    const answer = error.originalResponse;
    const status = answer ? answer.getStatus() : 0;
    let detail = "";
    try {
      detail = JSON.parse(answer.getBody()).detail;
    } catch {
      // no sentence came with it
    }
    this.failed(status, detail, this.passing(error));
  }

  async failed(status, detail, passing) {
    clearTimeout(this.quiet);
    if (this.over) return;
    if ((status === 401 || status === 403) && (await this.renewed())) {
      this.start();
      return;
    }
    if (this.over) return;
    this.over = true;
    if (status === 401) this.on.stopped("signed-out", "");
    else if (passing) this.on.stopped("away", "");
    else this.on.stopped(typeof detail === "string" && detail ? "refused" : "odd", detail);
  }

  // A page loaded afresh carries the token of the session that is there now. False if there is none, or no other than before.
  async renewed() {
    try {
      const answer = await fetch(this.page, { headers: { Accept: "text/html" } });
      if (!answer.ok) return false;
      const field = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('input[name="csrf"]');
      if (field === null || field.value === this.csrf) return false;
      this.csrf = field.value;
      return true;
    } catch {
      return false;
    }
  }

  // Asked again and again until the portal answers: a deposit that was done already is answered the same.
  async deposit() {
    this.on.state("sealing");
    for (const wait of Sending.WAITS) {
      await new Promise((ready) => setTimeout(ready, wait));
      if (this.over) return;
      let answer = null;
      let said = null;
      try {
        answer = await fetch(`${this.url}/deposit`, { method: "POST", body: new URLSearchParams({ language: this.language() }), headers: { "X-CSRF-Token": this.csrf, Accept: "application/json", "Tus-Resumable": "1.0.0" } });
        said = await answer.json();
      } catch {
        // no answer, or none that can be read
      }
      if (answer !== null && answer.ok && said !== null && typeof said.location === "string") {
        const next = new URL(said.location, location.href);
        if (next.origin === location.origin) {
          this.over = true;
          this.on.done(next.href);
          return;
        }
      }
      if (answer !== null && ![502, 503, 504].includes(answer.status)) {
        await this.failed(answer.status, said === null ? "" : said.detail, false);
        return;
      }
    }
    await this.failed(0, "", true);
  }
};
