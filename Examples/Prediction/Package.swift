// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Prediction",
    dependencies: [
        // Within Yuyan's repository. Elsewhere, give its URL and a version instead.
        .package(name: "Yuyan", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .target(name: "Classifier", dependencies: [.product(name: "Yuyan", package: "Yuyan")]),
        .executableTarget(
            name: "classify",
            dependencies: ["Classifier", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/Classify"),
        .executableTarget(
            name: "serve",
            dependencies: [
                "Classifier", .product(name: "Yuyan", package: "Yuyan"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "FlyingFox", package: "FlyingFox"),
            ],
            path: "Sources/Serve"),
    ],
    swiftLanguageModes: [.v6]
)
