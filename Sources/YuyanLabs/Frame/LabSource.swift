import CLabSources
import Foundation
import Yuyan

extension Lab {
    /// The text of the file that the lab stands in.
    public var source: String { lab_source(id).map { String(cString: $0) } ?? "" }

    /// The lab as a package of its own: a file with the lab, one that runs it, and what it depends on.
    ///
    /// - Parameter dependency: where Yuyan's package is: a folder, or an address that git can clone.
    /// - Throws: `DataError` if the folder cannot be written, or is there and not empty.
    public func writePackage(to folder: URL, dependency: String) throws {
        let isFolder = FileManager.default.fileExists(atPath: dependency)
        let package = isFolder ? URL(fileURLWithPath: dependency).standardizedFileURL.lastPathComponent : "Yuyan"
        let place =
            isFolder ? #"path: "\#(dependency)""# : #"url: "\#(dependency)", from: "\#(currentYuyanVersion)""#
        let name = String(source.firstMatch(of: /\nlet (\w+) = Lab\(/)?.output.1 ?? "")
        let target = name.prefix(1).uppercased() + name.dropFirst()
        let files = [
            "Package.swift": """
            // swift-tools-version: 6.1
            import PackageDescription

            let package = Package(
                name: "\(id)",
                dependencies: [
                    .package(\(place))
                ],
                targets: [
                    .executableTarget(
                        name: "\(id)", dependencies: [.product(name: "YuyanLabs", package: "\(package)")],
                        path: "Sources")
                ]
            )

            """,
            "Sources/\(target).swift": source.replacing(
                "import Yuyan\n", with: "import YuyanLabs\n", maxReplacements: 1),
            "Sources/main.swift": """
            import YuyanLabs

            // swift run -c release \(id) --help
            \(name).main()

            """,
        ]
        try Files.writeFolder(folder) { folder in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("Sources"), withIntermediateDirectories: false)
            for (name, text) in files {
                try Files.write(folder.appendingPathComponent(name)) { try $0.write(contentsOf: Data(text.utf8)) }
            }
        }
    }
}
