"""libtorrent as a partner of the tests: one session, driven by JSON lines.

Each line of standard input is a command, {"id": 1, "do": "add", ...}, and is answered by {"id": 1, "result": {...}} or
{"id": 1, "error": "..."}. What the session reports by itself comes as {"type": "status", "torrent": 0, ...} whenever it
has changed, and {"type": "alert", ...}. The session ends with the standard input. The first argument holds the options:
{"listen": "127.0.0.1:0", "encryption": "default", "upload_limit": bytes per second, "lsd": whether it uses local discovery};
in place of "default" "off", or what is allowed behind an encrypted handshake that both sides are forced to: "plaintext", "rc4"
or "both".
"""

import collections
import json
import os
import sys
import threading
import time

import libtorrent as lt

OUTPUT = threading.Lock()
STATUS_SECONDS = 0.05
CHECK_SECONDS = 60

LEVELS = {
    "plaintext": lt.enc_level.pe_plaintext,
    "rc4": lt.enc_level.pe_rc4,
    "both": lt.enc_level.pe_both,
}
FORMATS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


def settings(options):
    chosen = {
        "listen_interfaces": options["listen"],
        "allow_multiple_connections_per_ip": True,
        "enable_dht": False,
        "enable_lsd": options.get("lsd", False),
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        "alert_mask": lt.alert.category_t.error_notification
        | lt.alert.category_t.status_notification
        | lt.alert.category_t.tracker_notification,
    }
    encryption = options.get("encryption", "default")
    if encryption != "default":
        policy = int(lt.enc_policy.pe_disabled if encryption == "off" else lt.enc_policy.pe_forced)
        chosen |= {"in_enc_policy": policy, "out_enc_policy": policy}
    if encryption in LEVELS:
        chosen["allowed_enc_level"] = int(LEVELS[encryption])
    if "upload_limit" in options:
        chosen["upload_rate_limit"] = options["upload_limit"]
    return chosen


def limit_local_peers(session):
    """Peers of loopback and private networks are in the class `local`, which limits pass by, unless told otherwise."""
    only_global = lt.ip_filter()
    only_global.add_rule("0.0.0.0", "255.255.255.255", 1 << session.global_peer_class_id)
    session.set_peer_class_filter(only_global)


def write(value):
    with OUTPUT:
        print(json.dumps(value), flush=True)


def hashes(info):
    both = info.info_hashes()
    return {
        "infoHashV1": str(both.v1) if both.has_v1() else None,
        "infoHashV2": str(both.v2) if both.has_v2() else None,
    }


class Driver:
    def __init__(self, options):
        self.session = lt.session(settings(options))
        if "upload_limit" in options:
            limit_local_peers(self.session)
        self.torrents = []
        self.told = {}
        self.checks = collections.Counter()
        self.news = threading.Condition()

    # Commands: each takes its fields as keywords and returns what answers it.

    def port(self):
        return {"port": self.session.listen_port()}

    def make(self, path, out, format, piece_length=0, trackers=()):
        """Writes a .torrent of a file or folder, as libtorrent makes it."""
        files = lt.file_storage()
        lt.add_files(files, path)
        torrent = lt.create_torrent(files, piece_size=piece_length, flags=FORMATS[format])
        for tier, url in enumerate(trackers):
            torrent.add_tracker(url, tier)
        lt.set_piece_hashes(torrent, os.path.dirname(path))
        with open(out, "wb") as file:
            file.write(lt.bencode(torrent.generate()))
        return hashes(lt.torrent_info(out))

    def describe(self, torrent):
        """What libtorrent reads in a .torrent."""
        info = lt.torrent_info(torrent)
        files = info.files()
        listed = [
            {"path": files.file_path(i), "bytes": files.file_size(i)}
            for i in range(files.num_files())
            if not files.file_flags(i) & lt.file_flags_t.flag_pad_file
        ]
        return hashes(info) | {
            "name": info.name(),
            "pieceLength": info.piece_length(),
            "pieceCount": info.num_pieces(),
            "isValid": info.is_valid(),
            "files": listed,
        }

    def add(self, folder, torrent=None, magnet=None, seed=False, trackers=(), rate=0):
        """Starts a torrent; with `seed` its data is trusted, without it libtorrent looks for data and gets the rest.

        `magnet`: a link in place of a .torrent. `rate`: bytes per second up, and as many down; 0 for no limit.
        """
        params = lt.add_torrent_params() if magnet is None else lt.parse_magnet_uri(magnet)
        if torrent is not None:
            params.ti = lt.torrent_info(torrent)
        params.save_path = folder
        params.flags &= ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
        if seed:
            params.flags |= lt.torrent_flags.seed_mode
        params.trackers = params.trackers + list(trackers)
        if rate > 0:
            params.upload_limit = params.download_limit = rate
        self.torrents.append(self.session.add_torrent(params))
        return {"torrent": len(self.torrents) - 1}

    def check(self, torrent, folder):
        """libtorrent's full check of data on disk, twice: as it is added, and forced from scratch."""
        number = self.add(folder, torrent)["torrent"]
        self.wait_for_check(number, 1)
        self.torrents[number].force_recheck()
        self.wait_for_check(number, 2)
        status = self.torrents[number].status()
        error = status.errc.message() if status.errc.value() else ""
        return {"verified": status.num_pieces, "of": len(status.pieces), "error": error}

    def connect(self, torrent, host, port):
        self.torrents[torrent].connect_peer((host, port))
        return {}

    def peers(self, torrent):
        """Who is connected, by address and, once it has introduced itself, by the name of its client."""
        return [
            {"address": f"{peer.ip[0]}:{peer.ip[1]}", "client": peer.client.decode()}
            for peer in self.torrents[torrent].get_peer_info()
        ]

    def announce(self, torrent):
        self.torrents[torrent].force_reannounce()
        return {}

    def wait_for_check(self, number, times):
        with self.news:
            if not self.news.wait_for(lambda: self.checks[self.torrents[number]] >= times, CHECK_SECONDS):
                raise TimeoutError("the check does not end")

    # What is told without being asked.

    def watch(self):
        while True:
            for alert in self.session.pop_alerts():
                write({"type": "alert", "what": alert.what(), "message": alert.message()})
                if isinstance(alert, lt.torrent_checked_alert):
                    with self.news:
                        self.checks[alert.handle] += 1
                        self.news.notify_all()
            for number, torrent in enumerate(list(self.torrents)):
                self.tell(number, torrent.status())
            time.sleep(STATUS_SECONDS)

    def tell(self, number, status):
        told = {
            "type": "status",
            "torrent": number,
            "state": str(status.state),
            "progress": status.progress,
            "isComplete": status.is_seeding,
            "downloaded": status.total_payload_download,
            "uploaded": status.total_payload_upload,
            "peers": status.num_peers,
            "error": status.errc.message() if status.errc.value() else "",
        }
        if self.told.get(number) != told:
            self.told[number] = told
            write(told)


COMMANDS = {"port", "make", "describe", "add", "check", "connect", "peers", "announce"}


def main():
    driver = Driver(json.loads(sys.argv[1]))
    threading.Thread(target=driver.watch, daemon=True).start()
    for line in sys.stdin:
        command = json.loads(line)
        number, do = command.pop("id"), command.pop("do")
        if do not in COMMANDS:
            write({"id": number, "error": f"no command {do}"})
            continue
        try:
            write({"id": number, "result": getattr(driver, do)(**command)})
        except Exception as error:
            write({"id": number, "error": f"{type(error).__name__}: {error}"})


main()
