"""libtorrent as a plain client, one process a task. `client.py get TORRENT FOLDER HOST PORT` ends when the download is
complete and written; `client.py seed TORRENT FOLDER` prints its port and seeds until it is interrupted; `client.py make
PATH OUT FORMAT PIECE_LENGTH` writes a .torrent; `client.py check TORRENT FOLDER` ends when all data was verified. With RC4=1
in its environment it takes and begins no connections but such as are encrypted throughout."""

import os
import signal
import sys

import libtorrent as lt

SETTINGS = {
    "listen_interfaces": "127.0.0.1:0",
    "allow_multiple_connections_per_ip": True,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    # aria2 begins with the handshake of encryption, and loses a second where that is refused; no content is encrypted.
    "in_enc_policy": int(lt.enc_policy.pe_enabled),
    "allowed_enc_level": int(lt.enc_level.pe_plaintext),
    "out_enc_policy": int(lt.enc_policy.pe_disabled),
    "alert_mask": lt.alert.category_t.error_notification
    | lt.alert.category_t.status_notification
    | lt.alert.category_t.storage_notification,
    "connections_limit": 2000,
    # The defaults suit a home's line; these, each tried, suit the loopback.
    "hashing_threads": os.cpu_count(),
    "request_queue_time": 10,
    "max_out_request_queue": 1500,
    "max_allowed_in_request_queue": 2000,
    "send_buffer_low_watermark": 1024 * 1024,
    "send_buffer_watermark": 8 * 1024 * 1024,
    "send_buffer_watermark_factor": 200,
    "max_queued_disk_bytes": 64 * 1024 * 1024,
}

RC4_SETTINGS = {
    "in_enc_policy": int(lt.enc_policy.pe_forced),
    "out_enc_policy": int(lt.enc_policy.pe_forced),
    "allowed_enc_level": int(lt.enc_level.pe_rc4),
}

ERRORS = (lt.torrent_error_alert, lt.file_error_alert, lt.hash_failed_alert)
FORMATS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


def add(session, torrent, folder, is_seed):
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    params.flags &= ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    if is_seed:
        params.flags |= lt.torrent_flags.seed_mode
    return session.add_torrent(params)


def alerts_of(session):
    while True:
        session.wait_for_alert(1000)
        yield from session.pop_alerts()


def wait_for(alerts, kind):
    """Waits for an alert of a kind; an error of the torrent ends the program."""
    for alert in alerts:
        if isinstance(alert, kind):
            return
        if isinstance(alert, ERRORS):
            sys.exit(alert.message())


def get(session, torrent, folder, host, port):
    alerts = alerts_of(session)
    added = add(session, torrent, folder, False)
    added.connect_peer((host, int(port)))
    wait_for(alerts, lt.torrent_finished_alert)
    # All is verified, but not yet all written.
    wait_for(alerts, lt.cache_flushed_alert)


def seed(session, torrent, folder):
    add(session, torrent, folder, True)
    # A peer that comes before is sent away: "torrent is not ready to accept peers".
    wait_for(alerts_of(session), lt.torrent_checked_alert)
    print(session.listen_port(), flush=True)
    signal.sigwait([signal.SIGINT])
    # After an error it chokes everybody, and only here it says so.
    errors = [alert.message() for alert in session.pop_alerts() if isinstance(alert, ERRORS)]
    if errors:
        print(*errors, sep="\n", file=sys.stderr, flush=True)
        os._exit(1)


def check(session, torrent, folder):
    added = add(session, torrent, folder, False)
    wait_for(alerts_of(session), lt.torrent_checked_alert)
    if not added.status().is_seeding:
        sys.exit("the data is not what the torrent says")


def make(path, out, format, piece_length):
    files = lt.file_storage()
    lt.add_files(files, path)
    torrent = lt.create_torrent(files, piece_size=int(piece_length), flags=FORMATS[format])
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    with open(out, "wb") as file:
        file.write(lt.bencode(torrent.generate()))


def main():
    _, command, *arguments = sys.argv
    if command == "make":
        make(*arguments)
        return
    # The threads of the session are to leave signals to this one.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    session = lt.session(SETTINGS | RC4_SETTINGS if os.environ.get("RC4") else SETTINGS)
    {"get": get, "seed": seed, "check": check}[command](session, *arguments)
    # Taking the session down can wait for ever, and now and then crashes.
    sys.stdout.flush()
    os._exit(0)


main()
