import BenchmarkKit
import Testing

struct PeersFileTests {
    private static let good = """
        {"peers":[{"name":"a","command":["x","{port}"],"ready":"ready ","protocol":"socketcluster","url":"ws://127.0.0.1:{port}/"}]}
        """

    @Test func reads() throws {
        let file = try PeersFile(parsing: Self.good)
        #expect(file.peers.count == 1)
        #expect(file.peers[0].name == "a")
        #expect(file.peers[0].keys == nil)
    }

    @Test(arguments: [
        ("not JSON", "cannot be read"),
        (#"{"peers":[{"name":"a"}]}"#, "cannot be read"),
        (good.replacing("socketcluster", with: "http"), "socketcluster or plain"),
        (good.replacing("ws://", with: "wss://"), "must begin with ws://"),
        (good.replacing(#"["x","{port}"]"#, with: "[]"), "no command"),
        (good.replacing("ready ", with: ""), "no ready line"),
        (
            good.replacing(
                "[{",
                with: #"[{"name":"a","command":["x"],"ready":"r","protocol":"plain","url":"ws://127.0.0.1/"},{"#
            ), "two peers"
        ),
    ])
    func refuses(_ text: String, _ reason: String) {
        let error = #expect(throws: PeersFile.Refusal.self) { try PeersFile(parsing: text) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test func aLocalFileReplacesByName() throws {
        var file = try PeersFile(parsing: Self.good)
        file.merge(try PeersFile(parsing: Self.good.replacing(#""x""#, with: #""y""#)))
        file.merge(try PeersFile(parsing: Self.good.replacing(#""a""#, with: #""b""#)))
        #expect(file.peers.map(\.name) == ["a", "b"])
        #expect(file.peers[0].command[0] == "y")
    }

    @Test(arguments: [
        ("{port}", "80"), ("a{port}b{host}", "a80bh"), ("{none} {port}", "{none} 80"), ("{", "{"), ("{{port}}", "{80}"),
        ("", ""),
    ])
    func placeholders(_ text: String, _ expected: String) {
        #expect(PeerDescription.fill(text, ["port": "80", "host": "h"]) == expected)
    }

    @Test func theCommittedFileIsGood() throws {
        let file = try PeersFile(
            parsing: try #require(TextFile.read("Benchmarks/peers.json") ?? TextFile.read("peers.json"))
        )
        #expect(file.peers.map(\.name) == ["asyngular", "epoll", "libuv"])
    }
}
