// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Spans returned from functions need lifetime annotations, which 6.3 still calls experimental.
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "asyngular-swift",
    products: [
        .library(name: "Asyngular", targets: ["Asyngular"]),
        .library(name: "AsyngularClient", targets: ["AsyngularClient"]),
        // Apart from the engine, which brings neither Foundation nor an HTTP client.
        .library(name: "AsyngularJWKS", targets: ["AsyngularJWKS"]),
        .library(name: "JSONWebToken", targets: ["JSONWebToken"]),
        .library(name: "EventLoop", targets: ["EventLoop"]),
        .library(name: "WebSocket", targets: ["WebSocket"]),
        .library(name: "SocketProtocol", targets: ["SocketProtocol"]),
        .library(name: "StrictJSON", targets: ["StrictJSON"]),
        .executable(name: "asyngular", targets: ["AsyngularTool"]),
        .executable(name: "asyngular-server", targets: ["AsyngularServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // Apart from libcrypto: who speaks no TLS does not load libssl.
        .systemLibrary(name: "COpenSSLTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),

        .target(name: "CEventLoop", dependencies: ["CLibUV"]),
        .target(
            name: "EventLoop",
            dependencies: ["CEventLoop", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings
        ),
        .target(name: "TLS", dependencies: ["COpenSSLTLS", "EventLoop"], swiftSettings: settings),
        .target(name: "WebSocket", dependencies: ["COpenSSL"], swiftSettings: settings),
        .target(name: "StrictJSON", swiftSettings: settings),
        .target(name: "JSONWebToken", dependencies: ["COpenSSL", "StrictJSON"], swiftSettings: settings),
        .target(name: "SocketProtocol", dependencies: ["StrictJSON"], swiftSettings: settings),
        // What the server and the client share.
        .target(
            name: "AsyngularSupport",
            dependencies: [
                "COpenSSL", "EventLoop", "SocketProtocol", "StrictJSON",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AsyngularClient",
            dependencies: [
                "AsyngularSupport", "EventLoop", "SocketProtocol", "StrictJSON", "TLS", "WebSocket",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Asyngular",
            dependencies: [
                "AsyngularSupport", "COpenSSL", "EventLoop", "WebSocket", "StrictJSON", "JSONWebToken",
                "SocketProtocol",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "AsyngularTool",
            dependencies: [
                "AsyngularClient", "EventLoop", "SocketProtocol", "StrictJSON", "TLS", "WebSocket",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .target(name: "AsyngularJWKS", dependencies: ["Asyngular"], swiftSettings: settings),
        .executableTarget(
            name: "AsyngularServer",
            dependencies: [
                "Asyngular", "EventLoop", "JSONWebToken", "SocketProtocol", "StrictJSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            // In the binary itself: it is one file wherever it goes, and resource bundles would need Foundation.
            resources: [.embedInCode("Serve/Demo/Page")],
            swiftSettings: settings
        ),

        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "CEventLoop"], swiftSettings: settings),
        .testTarget(
            name: "TLSTests",
            dependencies: ["TLS", "EventLoop"],
            exclude: ["Peers"],
            swiftSettings: settings
        ),
        .testTarget(name: "WebSocketTests", dependencies: ["WebSocket"], swiftSettings: settings),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON"], swiftSettings: settings),
        .testTarget(
            name: "JSONWebTokenTests",
            dependencies: ["COpenSSL", "JSONWebToken", "StrictJSON"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SocketProtocolTests",
            dependencies: ["SocketProtocol", "StrictJSON"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AsyngularSupportTests",
            dependencies: ["AsyngularSupport", "EventLoop", "SocketProtocol"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AsyngularTests",
            dependencies: [
                "Asyngular", "AsyngularSupport", "EventLoop", "WebSocket", "SocketProtocol", "StrictJSON",
                "JSONWebToken",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AsyngularClientTests",
            dependencies: [
                "Asyngular", "AsyngularClient", "AsyngularSupport", "EventLoop", "JSONWebToken", "SocketProtocol",
                "StrictJSON", "TLS", "WebSocket", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AsyngularJWKSTests",
            dependencies: ["AsyngularJWKS", "Asyngular", "JSONWebToken", "StrictJSON"],
            swiftSettings: settings
        ),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .executableTarget(
            name: "AllocationProbe",
            dependencies: ["Asyngular", "CAllocationCounter"],
            path: "Tests/AllocationProbe",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ClientProbe",
            dependencies: ["AsyngularClient", "EventLoop"],
            path: "Tests/ClientProbe",
            swiftSettings: settings
        ),
        .target(name: "CPlacement", path: "Tests/CPlacement"),
        .executableTarget(
            name: "StormProbe",
            dependencies: [
                "Asyngular", "CAllocationCounter", "CEventLoop", "COpenSSL", "CPlacement", "EventLoop", "JSONWebToken",
                "StrictJSON",
                "WebSocket",
            ],
            path: "Tests/StormProbe",
            swiftSettings: settings
        ),
        // An echoing client for Autobahn's fuzzingserver; see Scripts/conformance.
        .executableTarget(
            name: "ConformanceClient",
            dependencies: ["AsyngularClient", "EventLoop", "WebSocket"],
            path: "Tests/ConformanceClient",
            swiftSettings: settings
        ),
        // Runs the real binary against peers written by others (PyPI clients, Autobahn).
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "AsyngularClient", "AsyngularServer", "AsyngularTool", "ClientProbe", "ConformanceClient",
                "JSONWebToken",
                "SocketProtocol", "StrictJSON", "TLS",
            ],
            exclude: ["Peers"],
            swiftSettings: settings
        ),
    ]
)
