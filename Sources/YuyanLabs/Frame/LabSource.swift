import CLabSources
import Foundation
import Mustache
import Yuyan

extension Lab {
    /// The text of the file that the lab stands in.
    public var source: String { lab_source(id).map { String(cString: $0) } ?? "" }

    /// The lab as a package of its own: a file with the lab, one that runs it, and what it depends on.
    ///
    /// - Parameter dependency: where Yuyan's package is: a folder, or an address that git can clone.
    /// - Throws: `DataError` if the folder cannot be written, or is there and not empty.
    public func writePackage(to folder: URL, dependency: String) throws {
        let copy = LabCopy(self, dependency)
        let texts = [
            "Package.swift": try copy.text(PackageResources.package_mustache),
            "Sources/main.swift": try copy.text(PackageResources.main_mustache),
            // Here the frame is part of the lab's own module.
            "Sources/\(copy.file)": source.replacing(
                "import Yuyan\n", with: "import Yuyan\nimport YuyanLabs\n", maxReplacements: 1),
        ]
        try Files.writeFolder(folder) { folder in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("Sources"), withIntermediateDirectories: false)
            for (name, text) in texts {
                try Files.write(folder.appendingPathComponent(name)) { try $0.write(contentsOf: Data(text.utf8)) }
            }
        }
    }
}

/// What the templates of a copied lab show.
private struct LabCopy {
    let id, name, file, package, dependency: String

    init(_ lab: Lab, _ place: String) {
        id = lab.id
        name = String(lab.source.firstMatch(of: /\nlet (\w+): Lab = Lab\(/)?.output.1 ?? "")
        file = name.prefix(1).uppercased() + name.dropFirst() + ".swift"
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), isFolder.boolValue {
            let url = URL(fileURLWithPath: place).standardizedFileURL
            // A package in a folder is known by the folder's name.
            package = url.lastPathComponent
            dependency = #"path: "\#(url.path)""#
        } else {
            package = "Yuyan"
            dependency = #"url: "\#(place)", from: "\#(currentYuyanVersion)""#
        }
    }

    func text(_ template: [UInt8]) throws -> String {
        try MustacheTemplate(string: String(decoding: template, as: UTF8.self)).render(self)
    }
}
