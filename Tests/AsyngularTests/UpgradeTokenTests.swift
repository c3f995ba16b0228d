import Testing
import WebSocket

@testable import Asyngular

/// Where a token is found in an upgrade request.
@Suite struct UpgradeTokenTests {
    private static func head(_ fields: [String]) throws -> HTTPRequestHead {
        var parser = HTTPRequestParser()
        var position = 0
        let text = (["GET / HTTP/1.1", "Host: a"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
        return try #require(try parser.receive(Array(text.utf8).rawBytes, at: &position))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sources: [AGUpgradeTokenSource]
        let fields: [String]
        var subprotocols: [String] = []
        let token: String?
    }

    static let bearer = [AGUpgradeTokenSource.authorizationHeader]
    static let cookie = [AGUpgradeTokenSource.cookie("sid")]
    static let subprotocol = [AGUpgradeTokenSource.subprotocol(prefix: "bearer.")]

    static let rows = [
        Row(testDescription: "off", sources: [], fields: ["Authorization: Bearer a.b.c"], token: nil),
        Row(testDescription: "bearer", sources: bearer, fields: ["Authorization: Bearer a.b.c"], token: "a.b.c"),
        Row(testDescription: "any case", sources: bearer, fields: ["authorization: bEARER  a.b.c"], token: "a.b.c"),
        Row(testDescription: "basic", sources: bearer, fields: ["Authorization: Basic a.b.c"], token: nil),
        Row(testDescription: "no token", sources: bearer, fields: ["Authorization: Bearer"], token: nil),
        Row(testDescription: "no scheme", sources: bearer, fields: ["Authorization: a.b.c"], token: nil),
        Row(testDescription: "cookie", sources: cookie, fields: ["Cookie: a=1; sid=a.b.c; b=2"], token: "a.b.c"),
        Row(testDescription: "quoted", sources: cookie, fields: [#"Cookie: sid="a.b.c""#], token: "a.b.c"),
        Row(testDescription: "one quote", sources: cookie, fields: [#"Cookie: sid=""#], token: #"""#),
        Row(testDescription: "equals sign", sources: cookie, fields: ["Cookie: sid=a=b"], token: "a=b"),
        Row(testDescription: "empty", sources: cookie, fields: ["Cookie: sid="], token: nil),
        Row(testDescription: "other case", sources: cookie, fields: ["Cookie: SID=a"], token: nil),
        Row(testDescription: "longer name", sources: cookie, fields: ["Cookie: sid2=a; xsid=b"], token: nil),
        Row(testDescription: "bare name", sources: cookie, fields: ["Cookie: sid"], token: nil),
        Row(
            testDescription: "subprotocol",
            sources: subprotocol,
            fields: [],
            subprotocols: ["asyngular", "bearer.a.b.c"],
            token: "a.b.c"
        ),
        Row(testDescription: "bare prefix", sources: subprotocol, fields: [], subprotocols: ["bearer."], token: nil),
        Row(
            testDescription: "in order",
            sources: subprotocol + cookie + bearer,
            fields: ["Authorization: Bearer h", "Cookie: sid=c"],
            token: "c"
        ),
    ]

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    @Test(arguments: rows)
    func isFound(_ row: Row) throws {
        let upgrade = UpgradeRequest(key: try #require(WebSocketKey(Self.key)), subprotocols: row.subprotocols)
        let found = try UpgradeToken.find(in: row.sources, Self.head(row.fields), upgrade)
        #expect(found?.text == row.token)
    }

    @Test(arguments: [
        Row(
            testDescription: "bearer",
            sources: bearer,
            fields: ["Authorization: Bearer a", "Authorization: Bearer a"],
            token: nil
        ),
        Row(testDescription: "cookie", sources: cookie, fields: ["Cookie: sid=a; sid=b"], token: nil),
        Row(testDescription: "cookies", sources: cookie, fields: ["Cookie: sid=a", "Cookie: sid="], token: nil),
        Row(
            testDescription: "subprotocol",
            sources: subprotocol,
            fields: [],
            subprotocols: ["bearer.a", "bearer.b"],
            token: nil
        ),
    ])
    func twoAreRefused(_ row: Row) throws {
        let head = try Self.head(row.fields)
        let upgrade = UpgradeRequest(key: try #require(WebSocketKey(Self.key)), subprotocols: row.subprotocols)
        let error = #expect(throws: HTTPError.self) { try UpgradeToken.find(in: row.sources, head, upgrade) }
        #expect(error?.status == 401)
    }

    /// A token never stands in an answer.
    @Test(arguments: [
        ([], nil as String?), (["a", "b"], "a"), (["bearer.x", "a"], "a"), (["bearer.x"], nil), (["bearer."], nil),
    ])
    func subprotocolOfTheAnswer(_ offered: [String], _ chosen: String?) {
        #expect(UpgradeToken.subprotocol(offered, Self.subprotocol) == chosen)
        #expect(UpgradeToken.subprotocol(offered, Self.bearer) == offered.first)
    }
}
