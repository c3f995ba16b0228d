import Foundation

/// The file that names the servers to measure.
public struct PeersFile: Sendable, Codable, Equatable {
    /// Why a file was not taken.
    public struct Refusal: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// The servers; others are compared with the first.
    public var peers: [PeerDescription]

    /// A file of those servers.
    public init(peers: [PeerDescription]) {
        self.peers = peers
    }

    /// Reads and checks the text of a file.
    public init(parsing text: String) throws(Refusal) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch {
            throw Refusal(description: "the peers file cannot be read: \(error)")
        }
        var names: Set<String> = []
        for peer in peers {
            guard names.insert(peer.name).inserted else {
                throw Refusal(description: "two peers are called \(peer.name)")
            }
            guard !peer.command.isEmpty else { throw Refusal(description: "\(peer.name) has no command") }
            guard !peer.ready.isEmpty else { throw Refusal(description: "\(peer.name) has no ready line") }
            guard peer.protocol == "socketcluster" || peer.protocol == "plain" else {
                throw Refusal(description: "\(peer.name): the protocol is socketcluster or plain, not \(peer.protocol)")
            }
            guard peer.url.hasPrefix("ws://") else {
                throw Refusal(description: "\(peer.name): its url must begin with ws://")
            }
        }
    }

    /// Adds another file's servers; one of the same name is replaced.
    public mutating func merge(_ other: PeersFile) {
        for peer in other.peers {
            if let index = peers.firstIndex(where: { $0.name == peer.name }) {
                peers[index] = peer
            } else {
                peers.append(peer)
            }
        }
    }
}
