import Foundation
import Testing
import YuyanTraining

/// What the command makes of runs that another program trains.
@Suite struct ForeignRunTests {
    private func makeRun(_ root: URL, _ name: String, rate: Double) throws -> Run {
        let configuration = RunConfiguration(
            program: "rents", epochs: 2, seed: 7, hyperparameters: ["learning rate": rate, "cell": "gru"])
        let run = try Run.create(at: root.appendingPathComponent(name), configuration)
        let numbers =
            "epoch,train_loss,train_mae,validation_loss,validation_mae\n1,0.5,0.6,0.7,0.8\n2,0.4,0.5,0.6,0.7\n"
        try Data(numbers.utf8).write(to: run.metricsFile)
        try run.write(TestRecord(epoch: 2, loss: 0.25, metrics: ["mae": 0.125]))
        return run
    }

    @Test func areListedShownAndCompared() throws {
        let folder = try DataFolder()
        let root = folder.file("runs")
        for (name, rate) in [("first", 0.5), ("second", 0.25)] { _ = try makeRun(root, name, rate: rate) }
        let list = try Child.run("runs", "--root", root.path)
        #expect(list.status == 0 && list.errors == "")
        #expect(list.output.split(separator: "\n").count == 3 && list.output.contains("rents  finished"))
        let json = try Child.run("runs", "--root", root.path, "--json")
        #expect(json.output.contains("\"model\":\"rents\""))
        let show = try Child.run("runs", "show", "first", "--root", root.path)
        #expect(show.status == 0 && show.errors == "")
        for text in ["program           rents\n", "cell              gru\n", "learning rate     0.5\n", "  mae"] {
            #expect(show.output.contains(text), "\(text) in \(show.output)")
        }
        let compare = try Child.run("runs", "compare", "first", "second", "--root", root.path)
        #expect(compare.status == 0 && compare.errors == "")
        let lines = compare.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines[1] == "learning rate 0.5 0.25" && lines[2] == "epochs done 2 2")
        // Beside a run of the command.
        let own = try Child.run(
            "train", "linear-regression", "--epochs", "1", "--quiet", "--root", root.path, "--name", "own")
        #expect(own.status == 0, "\(own.errors)")
        let both = try Child.run("runs", "compare", "first", "own", "--root", root.path)
        #expect(both.status == 0, "\(both.errors)")
        let rows = both.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rows.contains("program rents none") && rows.contains("model none linear-regression"))
        #expect(rows.contains("learning rate 0.5 0.03"))
    }

    @Test func haveAPageOfTheirNumbers() throws {
        let folder = try DataFolder()
        let run = try makeRun(folder.url, "run", rate: 0.5)
        let child = try Child.run("report", run.folder.path)
        #expect(child.status == 0 && child.errors == "")
        let page = try String(contentsOf: run.reportFile, encoding: .utf8)
        #expect(page.contains("<b>0.1250</b><span>test mae</span>") && page.contains("<td class=\"t w\">gru</td>"))
        #expect(!page.contains("<h2>Model</h2>"))
        let chinese = try Child.run("report", run.folder.path, "--language", "zh")
        #expect(chinese.status == 0)
        #expect(try String(contentsOf: run.reportFile, encoding: .utf8).contains("<td class=\"t\">程序</td>"))
        let refused = try Child.run("report", run.folder.path, "--data", folder.path)
        #expect(refused.status == 64 && refused.errors.hasPrefix("Error: --data: the run is one of another program"))
    }

    @Test func areTrainedAndMeasuredByTheirProgramAlone() throws {
        let folder = try DataFolder()
        let run = try makeRun(folder.url, "run", rate: 0.5)
        let before = try Data(contentsOf: run.configurationFile)
        for arguments in [
            ["train", "--resume", run.folder.path], ["evaluate", run.folder.path],
            ["predict", "picture.png", "--run", run.folder.path],
        ] {
            let child = try Child.run(arguments)
            #expect(child.status != 0 && child.output == "")
            #expect(
                child.errors.hasPrefix("Error: \(run.folder.path): is a run of the program 'rents', which"),
                "\(child.errors)")
            #expect(child.errors.split(separator: "\n").count == 1)
        }
        #expect(try Data(contentsOf: run.configurationFile) == before)
    }
}
