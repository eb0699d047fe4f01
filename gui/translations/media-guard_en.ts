<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>ConsoleWindow</name>
    <message numerus="yes">
        <source>Requests (%n)</source>
        <translation>
            <numerusform>Requests (%n)</numerusform>
            <numerusform>Requests (%n)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CrossingsPage</name>
    <message numerus="yes">
        <source>%n crossing(s)</source>
        <translation>
            <numerusform>%n crossing</numerusform>
            <numerusform>%n crossings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The newest %n crossings; an export has all of them.</source>
        <translation>
            <numerusform>The newest crossing; an export has all of them.</numerusform>
            <numerusform>The newest %n crossings; an export has all of them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HoldersPage</name>
    <message numerus="yes">
        <source>%n medium(s) are refused until each was given back, accepted by somebody else or cleared.</source>
        <translation>
            <numerusform>One medium is refused until it was given back, accepted by somebody else or cleared.</numerusform>
            <numerusform>%n media are refused until each was given back, accepted by somebody else or cleared.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InventoriesPage</name>
    <message numerus="yes">
        <source>%n medium(s) missing from “{0}”</source>
        <translation>
            <numerusform>%n medium missing from “{0}”</numerusform>
            <numerusform>%n media missing from “{0}”</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>JournalPage</name>
    <message numerus="yes">
        <source>The journal is whole: %n entries.</source>
        <translation>
            <numerusform>The journal is whole: %n entry.</numerusform>
            <numerusform>The journal is whole: %n entries.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MediaPage</name>
    <message numerus="yes">
        <source>%n medium(s)</source>
        <translation>
            <numerusform>%n medium</numerusform>
            <numerusform>%n media</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MineWindow</name>
    <message numerus="yes">
        <source>, in %n day(s)</source>
        <translation>
            <numerusform>, in %n day</numerusform>
            <numerusform>, in %n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Reminding</name>
    <message numerus="yes">
        <source>There are %n more; see “My media”.</source>
        <translation>
            <numerusform>There is %n more; see “My media”.</numerusform>
            <numerusform>There are %n more; see “My media”.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RequestDialog</name>
    <message numerus="yes">
        <source>The purpose is too long: at most %n characters.</source>
        <translation>
            <numerusform>The purpose is too long: at most %n character.</numerusform>
            <numerusform>The purpose is too long: at most %n characters.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RequestsPage</name>
    <message numerus="yes">
        <source>%n request(s) wait for a decision.</source>
        <translation>
            <numerusform>%n request waits for a decision.</numerusform>
            <numerusform>%n requests wait for a decision.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TermBox</name>
    <message numerus="yes">
        <source>%n year(s), the longest for this level</source>
        <translation>
            <numerusform>%n year, the longest for this level</numerusform>
            <numerusform>%n years, the longest for this level</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n year(s)</source>
        <translation>
            <numerusform>%n year</numerusform>
            <numerusform>%n years</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
</TS>
