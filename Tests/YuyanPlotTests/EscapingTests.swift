import Foundation
import Testing
import YuyanPlot

/// Text of any kind is shown as it is, and never runs.
@Suite struct EscapingTests {
    static let texts = [
        "a_b^2 {/Bold c} @d &e",
        "<b>&amp;</b>",
        #"\n \t \N \\ end\"#,
        #"'single' "double" ''"#,
        "100% %d %s %%",
        "`touch b` $(touch b); ls",
        "!touch broken",
        "EOD",
        "# no comment",
        "中文，标点。",
    ]

    private func shown(_ figure: Figure) throws -> [String] { try #require(Document(try figure.svg())).texts }

    @Test(arguments: texts)
    func showsTextLiterally(text: String) throws {
        let curves = Figure.curves(
            text, [Curve(text, [1, 2]), Curve("b", [2, 1])], x: Axis(text), y: Axis(text))
        // The title of the element, that of the picture, two labels, and an entry of the legend.
        #expect(try shown(curves).count { $0 == text } == 5)
        let bars = Figure.bars(text, [text, "b"], [BarSeries("", [1, 2])])
        #expect(try shown(bars).count { $0 == text } == 3)
        let heatMap = Figure.heatMap(
            text, [[1, 2]], rows: [text], columns: [text, "b"], rowTitle: text, columnTitle: text)
        #expect(try shown(heatMap).count { $0 == text } == 6)
        let graph = Figure.graph(
            text, [GraphNode([text, text]), GraphNode(["b"])], [GraphEdge(from: 0, to: 1, label: text)])
        #expect(try shown(graph).count { $0 == text } == 5)
    }

    @Test(arguments: texts)
    func showsCaptionsLiterally(text: String) throws {
        let image = CaptionedImage(.zeros([2, 2]), caption: text)
        let figure = Figure.images("title", [image], columns: 1)
        // A long one is cut.
        #expect(try shown(figure).contains { $0 == text || ($0.hasSuffix("…") && text.hasPrefix($0.dropLast())) })
    }

    @Test func keepsLinesTogether() throws {
        let figure = Figure.curves("one\ntwo\r\nplot 'x'\u{7}\u{2028}", [Curve("a\nb", [1]), Curve("c", [2])])
        #expect(try shown(figure).contains("one two plot 'x'"))
        #expect(try shown(figure).contains("a b"))
        #expect(figure.csv.split(separator: "\n").first == "x,a b,c")
    }

    @Test func quotesForGnuplot() {
        let text = #"it's \ "q" `x` @y"#
        #expect(GnuplotScript.quoted(text) == #""it's \134 \042q\042 \140x\140 \100y""#)
        #expect(GnuplotScript.number(.nan) == "NaN")
        #expect(GnuplotScript.number(-.infinity) == "NaN")
        #expect(GnuplotScript.number(1e-7) == "1e-07")
    }

    @Test func quotesForGraphviz() {
        #expect(DotScript.quoted([#"a "b" \N"#, "c & &lt;"]) == #""a \"b\" \\N\nc &amp; &amp;lt;""#)
    }
}
