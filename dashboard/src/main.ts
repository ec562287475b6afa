import { mount } from "svelte";
import { start } from "./start.svelte.ts";
import App from "./shell/App.svelte";
import "./styles/index.css";

mount(App, { target: document.body });
start();
