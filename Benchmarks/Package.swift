// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "asyngular-benchmarks",
    products: [
        .executable(name: "asyngular-bench", targets: ["AsyngularBench"]),
        .executable(name: "epoll-peer", targets: ["EpollPeer"]),
        .executable(name: "uv-peer", targets: ["UVPeer"]),
        .executable(name: "micro-count", targets: ["MicroCount"]),
        .executable(name: "token-comparison", targets: ["TokenComparison"]),
    ],
    traits: [
        // Compares token verification with vapor/jwt-kit as well, which brings minutes of building.
        .trait(name: "JWTKit")
    ],
    dependencies: [
        .package(name: "asyngular-swift", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        // Without its traits, which pull in an allocator's interposer: allocations are counted by CAllocationMeter.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CBenchUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CBenchCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // The bare peers: what the kernel, and libuv, leave.
        .target(name: "CPeerProtocol", dependencies: ["CBenchCrypto"]),
        .executableTarget(name: "EpollPeer", dependencies: ["CPeerProtocol"]),
        .executableTarget(name: "UVPeer", dependencies: ["CPeerProtocol", "CBenchUV"]),

        // The load generator.
        .target(name: "CBenchSupport"),
        .target(
            name: "BenchmarkKit",
            dependencies: [.product(name: "Histogram", package: "hdrhistogram-swift")],
            swiftSettings: settings
        ),
        .target(
            name: "LoadGenerator",
            dependencies: [
                "BenchmarkKit", "CBenchSupport",
                .product(name: "EventLoop", package: "asyngular-swift"),
                .product(name: "JSONWebToken", package: "asyngular-swift"),
                .product(name: "SocketProtocol", package: "asyngular-swift"),
                .product(name: "StrictJSON", package: "asyngular-swift"),
                .product(name: "WebSocket", package: "asyngular-swift"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "AsyngularBench",
            dependencies: [
                "BenchmarkKit", "LoadGenerator", "CBenchSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "EventLoop", package: "asyngular-swift"),
                .product(name: "JSONWebToken", package: "asyngular-swift"),
            ],
            swiftSettings: settings
        ),

        // Small operations, measured in time and allocations (MicroBenchmarks) and in instructions (micro-count).
        .target(name: "CAllocationMeter"),
        .target(name: "CCallgrind"),
        .target(
            name: "MicroOperations",
            dependencies: [
                "CAllocationMeter",
                .product(name: "Asyngular", package: "asyngular-swift"),
                .product(name: "EventLoop", package: "asyngular-swift"),
                .product(name: "JSONWebToken", package: "asyngular-swift"),
                .product(name: "SocketProtocol", package: "asyngular-swift"),
                .product(name: "StrictJSON", package: "asyngular-swift"),
                .product(name: "WebSocket", package: "asyngular-swift"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "MicroCount",
            dependencies: ["MicroOperations", "CAllocationMeter", "CCallgrind"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "MicroOperations",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/MicroBenchmarks",
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .target(name: "CBareCrypto", dependencies: ["CBenchCrypto"]),
        .executableTarget(
            name: "TokenComparison",
            dependencies: [
                "BenchmarkKit", "CBareCrypto", "CBenchSupport", "LoadGenerator",
                .product(name: "JSONWebToken", package: "asyngular-swift"),
                .product(name: "StrictJSON", package: "asyngular-swift"),
                .product(name: "JWTKit", package: "jwt-kit", condition: .when(traits: ["JWTKit"])),
            ],
            swiftSettings: settings
        ),

        .testTarget(name: "BenchmarkKitTests", dependencies: ["BenchmarkKit"], swiftSettings: settings),
        .testTarget(
            name: "LoadGeneratorTests",
            dependencies: [
                "BenchmarkKit", "LoadGenerator",
                .product(name: "EventLoop", package: "asyngular-swift"),
                .product(name: "WebSocket", package: "asyngular-swift"),
            ],
            swiftSettings: settings
        ),
    ]
)
