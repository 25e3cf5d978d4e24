// swift-tools-version: 6.1
import PackageDescription

let oneDNN: Target.Dependency = .target(name: "COneDNN", condition: .when(traits: ["OneDNN"]))

let package = Package(
    name: "Yuyan",
    products: [
        .library(name: "Yuyan", targets: ["Yuyan"]),
        // For programs that compute and neither read data nor draw: they are linked with the kernels alone.
        .library(name: "YuyanCore", targets: ["YuyanCore"]),
        .library(name: "YuyanNN", targets: ["YuyanNN"]),
        // For a lab that a learner has copied and changes.
        .library(name: "YuyanLabs", targets: ["YuyanLabs"]),
        .executable(name: "yuyan", targets: ["YuyanCommand"]),
    ],
    traits: [
        .trait(
            name: "OneDNN",
            description: "The fast CPU backend, on oneDNN. Without it only the Reference backend is built."),
        .default(enabledTraits: ["OneDNN"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        // Furnace: C loops and the oneDNN shim.
        .target(name: "YuyanKernels", linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),
        .target(
            name: "COneDNN", dependencies: ["YuyanKernels"],
            cSettings: [.define("YUYAN_ONEDNN", .when(traits: ["OneDNN"]))],
            linkerSettings: [.linkedLibrary("dnnl", .when(traits: ["OneDNN"]))]),
        // Opens LAPACK when it is needed; linked with nothing.
        .target(name: "CLAPACK"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        // Data sets that are inside the library, each with its licence.
        .target(name: "CDatasets", exclude: ["ames.csv.gz", "ames.LICENSE"]),
        .target(
            name: "CImages",
            linkerSettings: [
                .linkedLibrary("png"), .linkedLibrary("turbojpeg"), .linkedLibrary("exif"), .linkedLibrary("z"),
            ]),
        // Engine room: buffers and the two backends.
        .target(name: "YuyanBackend", dependencies: ["YuyanKernels", "CLAPACK", oneDNN]),
        // Workshop: tensors, automatic differentiation, operations.
        .target(name: "YuyanCore", dependencies: ["YuyanBackend", "YuyanKernels"]),
        // Classroom: modules, data, models, training.
        .target(name: "YuyanNN", dependencies: ["YuyanCore"]),
        .target(
            name: "YuyanData",
            dependencies: [
                "YuyanCore", "CDatasets", "CImages", "CZip", "CZlib", .product(name: "SwiftCSV", package: "SwiftCSV"),
            ]),
        .target(name: "YuyanPlot", dependencies: ["YuyanCore", "YuyanData"]),
        .target(name: "YuyanModels", dependencies: ["YuyanNN"]),
        .target(name: "YuyanShift", dependencies: ["YuyanCore"]),
        .target(
            name: "YuyanTraining",
            dependencies: [
                "YuyanNN", "YuyanData", "YuyanPlot", "TensorBoardEvents", "CISAL",
                .product(name: "SwiftCSV", package: "SwiftCSV"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("Report/report.mustache"), .embedInCode("Report/chart.mustache")]),
        // Generated from events.proto.
        .target(
            name: "TensorBoardEvents", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["events.proto"]),
        .target(
            name: "Yuyan",
            dependencies: [
                "YuyanCore", "YuyanNN", "YuyanData", "YuyanModels", "YuyanPlot", "YuyanShift", "YuyanTraining",
            ]),
        // The curriculum: one file a lab. Their texts are embedded for `yuyan lab show`.
        .target(name: "CLabSources"),
        .target(
            name: "YuyanLabs",
            dependencies: [
                "Yuyan", "CLabSources", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: ["Copy/main", "Copy/package", "Pages/index", "Pages/lab", "Pages/page", "Pages/style"].map {
                .embedInCode("Frame/\($0).mustache")
            }),
        .executableTarget(
            name: "YuyanCommand",
            dependencies: ["Yuyan", "YuyanLabs", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(name: "PlotGallery", dependencies: ["Yuyan"], path: "Examples/PlotGallery"),
        .executableTarget(
            name: "ShiftStudy",
            dependencies: ["Yuyan", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Examples/ShiftStudy"),
        .executableTarget(
            name: "TwoInputs",
            dependencies: ["Yuyan", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Examples/TwoInputs"),
        .executableTarget(
            name: "HousePrices",
            dependencies: ["Yuyan", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Examples/HousePrices"),
        .executableTarget(
            name: "EfficientNetLite",
            dependencies: ["Yuyan", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Examples/EfficientNetLite", exclude: ["README.md", "reference.py"]),
        .testTarget(name: "YuyanLabsTests", dependencies: ["YuyanLabs"]),
        .testTarget(name: "YuyanDataTests", dependencies: ["YuyanData", "CZlib"]),
        .testTarget(name: "YuyanPlotTests", dependencies: ["YuyanPlot", "YuyanNN"]),
        .testTarget(name: "YuyanNNTests", dependencies: ["Yuyan"]),
        .testTarget(name: "YuyanModelsTests", dependencies: ["Yuyan"]),
        .testTarget(name: "YuyanShiftTests", dependencies: ["YuyanShift"]),
        .testTarget(name: "YuyanBackendTests", dependencies: ["YuyanBackend"]),
        .testTarget(name: "YuyanDeviceTests", dependencies: ["Yuyan", "YuyanBackend"]),
        .testTarget(name: "YuyanTrainingTests", dependencies: ["YuyanTraining", "YuyanModels", "TensorBoardEvents"]),
        // The tests run the command and an example as child processes, so they must have been built.
        .testTarget(
            name: "YuyanCommandTests",
            dependencies: [
                "YuyanCommand", "TwoInputs", "HousePrices", "YuyanCore", "YuyanData", "YuyanLabs", "YuyanTraining",
                "CZlib",
            ]),
        .testTarget(name: "YuyanCoreTests", dependencies: ["YuyanCore", "YuyanData"]),
    ],
    swiftLanguageModes: [.v6]
)
