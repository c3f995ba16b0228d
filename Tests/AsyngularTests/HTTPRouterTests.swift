import HTTPTypes
import Testing

@testable import Asyngular

/// Which route serves a request.
@Suite("Router")
struct HTTPRouterTests {
    private func router(_ routes: (HTTPRequest.Method, String)...) throws -> HTTPRouter {
        var router = HTTPRouter()
        for (number, (method, path)) in routes.enumerated() {
            router.add(
                .init(
                    method: method,
                    pattern: try #require(RoutePattern(path)),
                    maximumBodyBytes: number,
                    handler: { _ in .status(.ok) }
                )
            )
        }
        return router
    }

    /// The number of the route that serves a request; nil if there is none.
    private func served(_ router: HTTPRouter, _ method: HTTPRequest.Method, _ path: String) -> Int? {
        guard case .route(let route, _) = router.match(method, path) else { return nil }
        return route.maximumBodyBytes
    }

    @Test("Exact before patterns, earlier patterns before later ones")
    func order() throws {
        let router = try router((.get, "/*"), (.get, "/:x"), (.get, "/a"), (.post, "/:x"))
        #expect(served(router, .get, "/a") == 2)
        #expect(served(router, .get, "/b") == 0)
        #expect(served(router, .post, "/a") == 3)
        #expect(served(router, .put, "/a") == nil)
    }

    @Test("HEAD has its own route or GET's")
    func head() throws {
        #expect(served(try router((.get, "/a")), .head, "/a") == 0)
        #expect(served(try router((.get, "/a"), (.head, "/a")), .head, "/a") == 1)
        #expect(served(try router((.get, "/a"), (.head, "/:x")), .head, "/a") == 1)
        #expect(served(try router((.post, "/a")), .head, "/a") == nil)
    }

    @Test("A later route replaces the same one")
    func replacement() throws {
        let router = try router((.get, "/a"), (.get, "/:x"), (.get, "/a"), (.get, "/:x"))
        #expect(served(router, .get, "/a") == 2)
        #expect(served(router, .get, "/b") == 3)
        #expect(router.methods(of: "/a") == [.get, .head, .options])
    }

    @Test("The methods of a path")
    func methods() throws {
        let router = try router((.post, "/a"), (.get, "/:x"), (.delete, "/b/*"))
        #expect(router.methods(of: "/a") == [.post, .get, .head, .options])
        #expect(router.methods(of: "/c") == [.get, .head, .options])
        #expect(router.methods(of: "/b/c") == [.delete, .options])
        #expect(router.methods(of: "/b/").isEmpty == false)
        #expect(router.methods(of: "/c/d").isEmpty)
        guard case .otherMethods([.post, .get, .head, .options]) = router.match(.put, "/a"),
            case .none = router.match(.put, "/c/d")
        else {
            Issue.record("another verdict")
            return
        }
    }
}
