import EventLoop
import Foundation

/// Passes bytes between clients and a server, and cuts connections off: each after a random number of bytes in one of the directions, with a
/// reset or a plain end on either side. It works with `poll` on a thread of its own, and shares nothing with the code under test.
final class CutOffRelay: @unchecked Sendable {
    /// The number of connections cut off until now, after each cut.
    let cuts = EventQueue<Int>()
    let port: UInt16

    private struct Link {
        let client: Peer
        let server: Peer
        /// What is left until the cut, and in which direction it is counted; nil if it is not to be cut.
        var fate: (isUpward: Bool, left: Int)?
    }

    private struct Wishes {
        var serverPort: Int?
        var cutsWanted = 0
        var cutsEverything = false
        var stallsUpward = false
        var stallsDownward = false
        var stops = false
    }

    private let listener: ListeningPeer
    private let wishes = Locked(Wishes())
    private let wake: (read: CInt, write: CInt)
    private let ended = EventQueue<Void>()

    // The thread's own.
    private var generator: SeededGenerator
    private var links: [Link] = []
    private var cutCount = 0

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        listener = try ListeningPeer(backlog: 1000)
        port = listener.port
        var ends: [CInt] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Peer.Failure(errno: errno) }
        wake = (ends[0], ends[1])
        Thread.detachNewThread { [self] in work() }
    }

    // MARK: For the test

    /// Connections go there from now on; nil turns them away.
    func lead(to port: Int?) {
        tell { $0.serverPort = port }
    }

    /// Connections are cut off until so many were in all.
    func cut(until count: Int) {
        tell { $0.cutsWanted = count }
    }

    /// Resets all connections there are, as the end of a server's process does. They are not counted.
    func resetAll() {
        tell { $0.cutsEverything = true }
    }

    /// Nothing passes in a direction, connections stay. Downward is to the client.
    func stall(upward: Bool = false, downward: Bool = false) {
        tell { ($0.stallsUpward, $0.stallsDownward) = (upward, downward) }
    }

    func stop() async {
        tell { $0.stops = true }
        await ended.next()
    }

    private func tell(_ wish: (inout Wishes) -> Void) {
        wishes.change(wish)
        _ = unsafe write(wake.write, [1], 1)
    }

    // MARK: The thread

    private func work() {
        while true {
            var polled = [pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)]
            polled.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0))
            let stalls = wishes.value
            for link in links {
                let (client, server) = (link.client.descriptor, link.server.descriptor)
                polled.append(pollfd(fd: stalls.stallsUpward ? -1 : client, events: Int16(POLLIN), revents: 0))
                polled.append(pollfd(fd: stalls.stallsDownward ? -1 : server, events: Int16(POLLIN), revents: 0))
            }
            _ = unsafe poll(&polled, nfds_t(polled.count), -1)
            if polled[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 64)
                _ = unsafe read(wake.read, &bytes, 64)
            }
            let wish = wishes.change { wishes in
                defer { wishes.cutsEverything = false }
                return wishes
            }
            if wish.stops { break }
            var left: [Link] = []
            for (index, link) in links.enumerated() {
                // What was wished while this thread waited holds for what came then too.
                let isUpwardReady = polled[2 + 2 * index].revents != 0 && !wish.stallsUpward
                let isDownwardReady = polled[3 + 2 * index].revents != 0 && !wish.stallsDownward
                if wish.cutsEverything {
                    link.client.reset()
                    link.server.reset()
                } else if let link = pass(link, isUpwardReady, isDownwardReady, wish) {
                    left.append(link)
                }
            }
            links = left
            if polled[1].revents != 0 { accept(wish) }
        }
        for link in links {
            link.client.close()
            link.server.close()
        }
        links = []
        close(wake.read)
        close(wake.write)
        ended.append(())
    }

    private func accept(_ wish: Wishes) {
        guard let client = try? listener.accept() else { return }
        guard let port = wish.serverPort, let server = try? Peer(.ip(host: "127.0.0.1", port: port)) else {
            return Bool.random(using: &generator) ? client.reset() : client.close()
        }
        // Half of them during the upgrade and the handshake, the others later.
        let count = Int.random(in: Bool.random(using: &generator) ? 0..<500 : 500..<4000, using: &generator)
        links.append(Link(client: client, server: server, fate: (Bool.random(using: &generator), count)))
    }

    /// - Returns: nil if the connection is no more.
    private func pass(_ link: Link, _ hasUpward: Bool, _ hasDownward: Bool, _ wish: Wishes) -> Link? {
        var link = link
        if cutCount >= wish.cutsWanted { link.fate = nil }
        for (isUpward, isReady) in [(true, hasUpward), (false, hasDownward)] where isReady {
            let (from, to) = isUpward ? (link.client, link.server) : (link.server, link.client)
            guard let bytes = try? from.receive(), !bytes.isEmpty else {
                from.close()
                to.close()
                return nil
            }
            var passed = bytes[...]
            if let fate = link.fate, fate.isUpward == isUpward {
                passed = bytes.prefix(fate.left)
                link.fate?.left -= passed.count
            }
            guard (try? to.send(Array(passed))) != nil else {
                from.close()
                to.close()
                return nil
            }
            if passed.count < bytes.count || link.fate?.left == 0 {
                cut(link)
                return nil
            }
        }
        return link
    }

    private func cut(_ link: Link) {
        Bool.random(using: &generator) ? link.client.reset() : link.client.close()
        Bool.random(using: &generator) ? link.server.reset() : link.server.close()
        cutCount += 1
        cuts.append(cutCount)
    }
}
