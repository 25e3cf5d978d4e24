import Testing
import YuyanData

@Suite struct CSVTableTests {
    @Test func quotesWhatNeedsIt() {
        let table = CSVTable(header: ["a", "b"], rows: [["x,y", "say \"no\""], ["", "two\nlines"]])
        #expect(table.text == "a,b\n\"x,y\",\"say \"\"no\"\"\"\n,two lines\n")
    }

    @Test func numbersColumnsOfTheSameName() {
        let table = CSVTable(header: ["a", "a", "a (2)", "a"], rows: [["1", "2", "3", "4"]])
        #expect(table.text == "a,a (2),a (2) (2),a (3)\n1,2,3,4\n")
    }

    @Test func isTheHeaderWithoutRows() {
        #expect(CSVTable(header: ["a", "b"], rows: []).text == "a,b\n")
    }
}
