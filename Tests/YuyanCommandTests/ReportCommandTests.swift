import Foundation
import Testing

@Suite struct ReportCommandTests {
    private func train(_ model: String, _ folder: DataFolder) throws -> URL {
        let run = folder.file("runs/first")
        let data = model == "linear-regression" ? [] : ["--data", folder.path]
        let child = try Child.run(["train", model, "--epochs", "2", "--output", run.path, "--quiet"] + data)
        #expect(child.status == 0, "\(child.errors)")
        return run
    }

    @Test func writesThePageIntoTheRun() throws {
        let folder = try DataFolder()
        let run = try train("softmax-regression", folder)
        let child = try Child.run(["report", run.path], environment: ["LC_ALL": "C.UTF-8"])
        let page = run.appendingPathComponent("report.html")
        #expect(child.status == 0, "\(child.errors)")
        let pictures = run.appendingPathComponent("pictures")
        #expect(child.output == "report    \(page.path)\npictures  \(pictures.path)\n")
        let names = try FileManager.default.contentsOfDirectory(atPath: pictures.path).sorted()
        #expect(
            names
                == ["accuracy", "confusion", "curves", "examples", "loss"].flatMap { ["\($0).csv", "\($0).svg"] })
        // The book's: 18 images, and the test set has more.
        let examples = try String(contentsOf: pictures.appendingPathComponent("examples.csv"), encoding: .utf8)
        #expect(examples.split(separator: "\n").count == 1 + 18)
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.hasPrefix("<!DOCTYPE html>") && text.contains("ankle boot") && text.hasSuffix("</html>\n"))
        #expect(text.contains("Worst mistakes"))

        let other = folder.file("other.html")
        let quiet = try Child.run(
            ["report", run.path, "--output", other.path, "--language", "zh", "--quiet", "--mistakes", "2"])
        #expect(quiet.status == 0 && quiet.output == "" && quiet.errors == "")
        let chinese = try String(contentsOf: other, encoding: .utf8)
        #expect(chinese.contains("短靴") && chinese.contains("<html lang=\"zh-CN\">"))
        #expect((18...20).contains(chinese.matches(of: /data:image\/png/).count))
    }

    @Test func takesTheLanguageFromTheEnvironment() throws {
        let folder = try DataFolder()
        let run = try train("softmax-regression", folder)
        _ = try Child.run(["report", run.path], environment: ["LC_ALL": "zh_CN.UTF-8", "LANGUAGE": ""])
        let text = try String(contentsOf: run.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(text.contains("<html lang=\"zh-CN\">"))
    }

    @Test func worksWithoutADrawingProgram() throws {
        let folder = try DataFolder()
        let run = try train("softmax-regression", folder)
        let child = try Child.run(["report", run.path, "--language", "en"], environment: ["PATH": "/nowhere"])
        #expect(child.status == 0, "\(child.errors)")
        let text = try String(contentsOf: run.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(text.contains("<pre>") && text.contains("apt install gnuplot-nox"))
        #expect(!text.contains("image/svg"))
    }

    @Test func reportsRegression() throws {
        let folder = try DataFolder()
        let run = try train("linear-regression", folder)
        let child = try Child.run(["report", run.path, "--language", "en"])
        #expect(child.status == 0, "\(child.errors)")
        let text = try String(contentsOf: run.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(text.contains("validation loss") && !text.contains("Confusion matrix"))
        for name in ["w[0]", "w[1]", "b"] { #expect(text.contains("<td class=\"t k\">\(name)</td>"), "\(name)") }
    }

    @Test func refusesWhatIsNoRun() throws {
        let folder = try DataFolder()
        let run = try train("softmax-regression", folder)
        let weights = run.appendingPathComponent("weights.safetensors")
        try Data(try Data(contentsOf: weights).prefix(100)).write(to: weights)
        for (arguments, message) in [
            ([folder.path], "\(folder.path): is not the folder of a run: it has no configuration.json"),
            (["/none/such"], "/none/such: no such folder"),
            ([run.path], "\(weights.path): safetensors header of "),
        ] {
            let child = try Child.run(["report"] + arguments)
            #expect(child.status == 1 && child.output == "")
            #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
            #expect(child.errors.filter { $0 == "\n" }.count == 1)
        }
        #expect(!FileManager.default.fileExists(atPath: run.appendingPathComponent("report.html").path))
        let language = try Child.run("report", run.path, "--language", "fr")
        #expect(language.status == 64)
        #expect(language.errors.hasPrefix("Error: The value 'fr' is invalid for '--language <language>'."))
    }

    @Test func refusesAPlaceThatCannotBeWritten() throws {
        let folder = try DataFolder()
        let run = try train("softmax-regression", folder)
        let child = try Child.run("report", run.path, "--output", folder.file("none/page.html").path)
        #expect(child.status == 1)
        #expect(
            child.errors
                == "Error: \(folder.file("none/page.html").path): cannot be written: No such file or directory\n")
    }
}
